/** A case that does not give what it should. */
interface Difference {
  /** `theme: name` */
  readonly case: string;
  readonly where: readonly ("vm" | "kernel")[];
  readonly reason: string;
}

/** Cases that are known not to give what they should. This list may only shrink. */
export const DIFFERENCES: readonly Difference[] = [];
