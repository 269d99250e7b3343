import { FLAME_SCRIPT } from "./flame-script.ts";
import { type FlameFrame, type FlameTree, flameTree } from "./flame-tree.ts";
import type { FoldedStack } from "./folded.ts";
import { groupedNumber } from "./terminal-text.ts";

/** What a flame graph says beside its stacks. All text is Unicode. */
export interface FlameGraphOptions {
  /** Above the picture: the script. */
  readonly title: string;
  /** What is counted, in the plural: `samples`. Empty for a sum, whose unit nobody knows. */
  readonly unit?: string;
  /** A profile to compare with: frames are coloured by how their share has changed since. */
  readonly before?: readonly FoldedStack[];
}

const WIDTH = 1200;
const ROW = 17;
const HEAD = 58;
const FOOT = 26;
const NARROWEST_PX = 0.1;
/** Width of a character of the labels, as long as no script has measured it. */
const CHARACTER_PX = 7.2;

/**
 * An SVG that opens in a browser by itself: a click zooms, `/` searches, arrow keys walk, Escape goes back. Without
 * scripts (a viewer, a preview) it is a picture with tooltips. Unicode, to be written as UTF-8.
 *
 * Stacks of callers as rectangles as wide as what was counted in them: Brendan Gregg, "The Flame Graph", Communications
 * of the ACM 59 (6), 2016.
 */
export function flameGraph(stacks: readonly FoldedStack[], options: FlameGraphOptions): string {
  const { title, unit = "samples", before } = options;
  const tree = flameTree(stacks, NARROWEST_PX / WIDTH, before);
  const height = HEAD + Math.max(tree.levels, 1) * ROW + FOOT;
  const paint = before === undefined ? paintByName : paintByChange(tree);
  const frames = tree.frames.map((frame) => frameElement(frame, tree, paint, tooltip(frame, tree, unit, before)));
  const body =
    frames.length === 0 ? `<text x="50%" y="${HEAD}" text-anchor="middle">no stacks</text>\n` : frames.join("");
  return `${head(title, height)}<svg id="frames">\n${body}</svg>
<text id="details" x="8" y="${height - 9}"></text>
${frames.length === 0 ? "" : `<script><![CDATA[${FLAME_SCRIPT}]]></script>\n`}</svg>
`;
}

function head(title: string, height: number): string {
  const shown = escapeXml(title.replace(/\s+/g, " ").trim());
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">
<title>${shown}</title>
<style>${STYLE}</style>
<rect class="page" width="100%" height="100%"/>
<text class="heading" x="8" y="20">${shown}</text>
<foreignObject x="0" y="27" width="100%" height="28"><div xmlns="http://www.w3.org/1999/xhtml">
<input id="search" type="search" placeholder="search (/)" aria-label="search: a regular expression"/>
<button id="reset" type="button" disabled="disabled">whole (Esc)</button> <span id="matched" role="status"></span>
</div></foreignObject>
`;
}

/** User code is warm, the kernel blue, inlined functions green; change is red where it grew and blue where it shrank. */
const STYLE = `
svg { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; --page: #fff; --ink: #222; }
@media (prefers-color-scheme: dark) { svg { --page: #1b1b1f; --ink: #ddd; } }
.page { fill: var(--page, #fff); }
text { fill: var(--ink, #222); }
.heading { font-size: 15px; font-weight: bold; }
#frames svg { cursor: pointer; outline: none; }
#frames text { fill: #111; pointer-events: none; }
#frames svg:hover rect, #frames svg:focus rect { stroke: #000; stroke-width: 1.5; }
#frames .below { opacity: 0.5; }
#frames .hit rect { fill: #e63cf0; }
div { padding: 0 8px; color: var(--ink, #222); }
input, button { font: inherit; }
#matched { padding-left: 12px; }
`;

/** The colour of a frame's rectangle. */
type Paint = (frame: FlameFrame) => string;

function frameElement(frame: FlameFrame, { total, levels }: FlameTree, paint: Paint, says: string): string {
  const y = HEAD + (levels - 1 - frame.level) * ROW;
  const x = percent(frame.start / total);
  const width = percent(frame.total / total);
  const name = escapeXml(plainName(frame.name));
  const label = escapeXml(cutLabel(plainName(frame.name), (frame.total / total) * WIDTH));
  return `<svg x="${x}" y="${y}" width="${width}" height="${ROW}" data-level="${frame.level}"><title>${name}
${says}</title><rect width="100%" height="${ROW - 1}" rx="1" fill="${paint(frame)}"/><text x="3" y="12">${label}</text></svg>
`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(6))}%`;
}

function cutLabel(name: string, widthPx: number): string {
  const room = Math.floor((widthPx - 6) / CHARACTER_PX);
  if (room >= name.length) return name;
  return room < 3 ? "" : `${name.slice(0, room - 2)}..`;
}

const ANNOTATION = /_\[[a-z]\]$/;

function plainName(name: string): string {
  return name.replace(ANNOTATION, "");
}

function tooltip(frame: FlameFrame, tree: FlameTree, unit: string, before: unknown): string {
  const counted = `${groupedNumber(frame.total)}${unit === "" ? "" : ` ${unit}`}, ${share(frame.total, tree.total)}%`;
  if (before === undefined) return counted;
  const points = (shareOf(frame.total, tree.total) - shareOf(frame.before, tree.totalBefore)) * 100;
  const change = `${points >= 0 ? "+" : ""}${points.toFixed(2)} points`;
  return `${counted}; before ${groupedNumber(frame.before)}, ${share(frame.before, tree.totalBefore)}%: ${change}`;
}

function share(part: number, whole: number): string {
  return (shareOf(part, whole) * 100).toFixed(2);
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Two pictures of a program give a function the same colour: it comes from its name. */
function paintByName({ name, level }: FlameFrame): string {
  if (level === 0) return "#c9c9c9";
  const hash = hashOf(name);
  const [tint, tone] = [(hash & 0xff) / 255, ((hash >>> 8) & 0xff) / 255];
  if (name.endsWith("_[k]")) return hsl(200 + 20 * tint, 60, 66 + 12 * tone);
  if (name.endsWith("_[i]")) return hsl(110 + 30 * tint, 45, 62 + 12 * tone);
  return hsl(12 + 40 * tint, 88, 60 + 12 * tone);
}

function hsl(hue: number, saturation: number, lightness: number): string {
  return `hsl(${Math.round(hue)},${Math.round(saturation)}%,${Math.round(lightness)}%)`;
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), its bits mixed once more: similar names shall differ. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** White where the share is the same, up to full red or blue where it has changed most. */
function paintByChange(tree: FlameTree): Paint {
  const changeOf = (frame: FlameFrame) => shareOf(frame.total, tree.total) - shareOf(frame.before, tree.totalBefore);
  const most = tree.frames.reduce((largest, frame) => Math.max(largest, Math.abs(changeOf(frame))), 0);
  return (frame) => {
    const change = most === 0 ? 0 : changeOf(frame) / most;
    const pale = Math.round(240 - 150 * Math.sqrt(Math.abs(change)));
    return change >= 0 ? `rgb(240,${pale},${pale})` : `rgb(${pale},${pale},240)`;
  };
}

/** XML has no way to write control characters and halves of surrogate pairs. */
function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
