/** A range of the source text, in UTF-16 code units. `end` is exclusive. `from` is the call it was expanded from. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly from?: Span;
}

/** Whatever stands somewhere in the text. */
export interface Node {
  readonly span: Span;
}
