const SEPARATOR = "!/";

/** The archive of `archive.zip!/member`; `undefined` for any other path. */
export function archivePath(path: string): string | undefined {
  const at = path.indexOf(SEPARATOR);
  return at < 0 ? undefined : path.slice(0, at);
}

/** The member of `archive.zip!/member`; empty for any other path. */
export function memberName(path: string): string {
  const at = path.indexOf(SEPARATOR);
  return at < 0 ? "" : path.slice(at + SEPARATOR.length);
}
