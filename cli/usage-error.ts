/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What to write instead. */
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
