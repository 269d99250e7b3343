/** Text of a terminal: how wide it is, and pictures made of characters. All of it is Unicode. */

/** Characters that take two columns: Unicode 15, East_Asian_Width W and F, in blocks. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const MARK = /\p{M}|\u200d|\ufe0f/u;

/** Columns that a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

function columnsOfCharacter(character: string): number {
  if (character < "\u0300") return 1;
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The text in exactly so many columns: cut with an ellipsis, or filled with blanks. */
export function fit(text: string, columns: number, side: "left" | "right" = "left"): string {
  const cut = cutTo(text, columns);
  const blanks = " ".repeat(Math.max(0, columns - columnsOf(cut)));
  return side === "left" ? cut + blanks : blanks + cut;
}

/** The text in so many columns at most. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  if (columns < 1) return "";
  let cut = "";
  let taken = 1;
  for (const character of text) {
    taken += columnsOfCharacter(character);
    if (taken > columns) break;
    cut += character;
  }
  return `${cut}…`;
}

/** The text as one line that cannot move the cursor: control characters are dots, lines are joined. */
export function oneLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && line !== ",")
    .join(" < ")
    .replaceAll(", < ", ", ")
    .replace(/\t/g, " ")
    .replace(/\p{Cc}/gu, "·");
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar that is full at a share of 1. */
export function barOf(share: number, columns: number): string {
  const eighths = Math.round(Math.min(Math.max(share, 0), 1) * columns * 8);
  const whole = eighths >> 3;
  const bar = "█".repeat(whole) + EIGHTHS[eighths & 7];
  return bar === "" && share > 0 ? EIGHTHS[1] : bar;
}

const LEVELS = "▁▂▃▄▅▆▇█";

/** A column a number, the last ones that fit. Zero is the lowest level, unless some are negative; NaN is a blank. */
export function sparkline(series: readonly number[], columns: number): string {
  if (columns < 1) return "";
  const shown = series.slice(-columns);
  const known = shown.filter((point) => !Number.isNaN(point));
  const low = Math.min(0, ...known);
  const span = Math.max(0, ...known) - low;
  const level = (point: number) => (span === 0 ? 0 : Math.ceil(((point - low) / span) * (LEVELS.length - 1)));
  return shown.map((point) => (Number.isNaN(point) ? " " : LEVELS[level(point)])).join("");
}

/** `1,234,567` */
export function groupedNumber(value: number | bigint): string {
  const [whole, fraction] = String(value).split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

const UNITS = ["", "k", "M", "G", "T", "P", "E"];

/** Three figures and a unit of a thousand: `0`, `0.52`, `12.3`, `4.57k`, `1.2M`. */
export function shortNumber(value: number): string {
  const sign = value < 0 ? "-" : "";
  let size = Math.abs(value);
  let unit = 0;
  for (; size >= 999.5 && unit < UNITS.length - 1; unit++) size /= 1000;
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = size.toFixed(digits);
  return `${sign}${digits > 0 ? text.replace(/\.?0+$/, "") : text}${UNITS[unit]}`;
}
