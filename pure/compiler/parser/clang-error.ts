/**
 * An error of the script's C, with a line as clang writes it when bpftrace hands it the preamble: in a file of that
 * name, behind one line of bpftrace's own. Such errors are known, and looked for, by this form.
 */
export function clangError(
  { line, column }: { readonly line: number; readonly column: number },
  severity: "error" | "fatal error",
  what: string,
): string {
  return `The C definitions cannot be read\ndefinitions.h:${line + 1}:${column}: ${severity}: ${what}`;
}
