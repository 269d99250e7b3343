/** A kind of text, for its colour. */
export type LiveStyle = "name" | "dim" | "bar" | "spark" | "bold";

/** Puts a text into the colour of its kind, where there are colours. */
export type Paint = (style: LiveStyle, text: string) => string;

/** SGR parameters (ECMA-48, 8.3.117). */
const COLORS: Readonly<Record<LiveStyle, string>> = { name: "1;36", dim: "2", bar: "34", spark: "32", bold: "1" };

/** The paint of a terminal. */
export const colored: Paint = (style, text) => (text === "" ? "" : `\x1b[${COLORS[style]}m${text}\x1b[0m`);

/** No paint. */
export const plain: Paint = (_style, text) => text;
