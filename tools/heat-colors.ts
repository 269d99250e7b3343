/** The colours of heat maps: from few to many. */

/** Shades of text, or colours of a terminal that has 256 of them, or all. */
export type Palette = "text" | "256" | "rgb";

/** What a terminal can show, by its environment (COLORTERM is what terminals with all colours set). */
export function paletteOf(color: boolean, environment: Readonly<Record<string, string | undefined>>): Palette {
  if (!color) return "text";
  return /^(truecolor|24bit)$/.test(environment.COLORTERM ?? "") ? "rgb" : "256";
}

/** Each is darker than the one before; a blank is none. */
const TEXT = " .:-=+*#%@";

/** After the colour map "inferno" of matplotlib (CC0), without its black end. */
const RGB: readonly (readonly [red: number, green: number, blue: number])[] = [
  [51, 18, 93],
  [87, 16, 110],
  [120, 28, 109],
  [153, 40, 100],
  [186, 54, 85],
  [215, 75, 63],
  [237, 105, 37],
  [249, 142, 9],
  [249, 203, 53],
  [252, 255, 164],
];

/** The same, of the 6 by 6 by 6 colours of xterm. */
const XTERM: readonly number[] = [54, 90, 126, 125, 161, 167, 202, 208, 221, 229];

/** How many steps there are beside none. */
const STEPS = RGB.length;

/**
 * A cell for each count. The scale is logarithmic, so that a single one can be seen beside thousands; none has the
 * terminal's own background.
 */
export function shade(counts: readonly number[], most: number, palette: Palette): string {
  let text = "";
  let before = "";
  for (const count of counts) {
    const step = stepOf(count, most);
    const color = step < 0 ? "" : colorOf(step, palette);
    if (color !== before) text += color === "" ? "\x1b[0m" : color;
    before = color;
    text += palette === "text" && step >= 0 ? TEXT[1 + Math.floor((step * (TEXT.length - 1)) / STEPS)] : " ";
  }
  return before === "" ? text : `${text}\x1b[0m`;
}

function stepOf(count: number, most: number): number {
  if (count < 1) return -1;
  if (most <= 1) return 0;
  return Math.min(STEPS - 1, Math.floor((Math.log(count) / Math.log(most)) * STEPS));
}

/** Select Graphic Rendition, background: ECMA-48, and ITU-T T.416 with xterm's semicolons. */
function colorOf(step: number, palette: Palette): string {
  switch (palette) {
    case "text":
      return "";
    case "256":
      return `\x1b[48;5;${XTERM[step]}m`;
    case "rgb":
      return `\x1b[48;2;${RGB[step].join(";")}m`;
  }
}

/** A character for a count by itself, where it is not known what is to come. */
export function shadeOfCount(count: number): string {
  return TEXT[count < 1 ? 0 : Math.min(TEXT.length - 1, Math.floor(Math.log2(count) / 2) + 1)];
}

/** What the characters of {@link shadeOfCount} mean. */
export const SHADES_OF_COUNTS = `${TEXT[1]} is 1 to 3, each of ${TEXT.slice(2)} four times as many`;
