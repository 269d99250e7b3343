/** A range of the source text, in UTF-16 code units. `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whatever stands somewhere in the text. */
export interface Node {
  readonly span: Span;
}
