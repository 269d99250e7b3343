/** The path of `path` as seen from `directory`, without `.` and, where that is clear, `..` in it. */
export function joinPath(directory: string, path: string): string {
  const whole = path.startsWith("/") || directory === "" ? path : `${directory}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split("/")) {
    if (part === "" || part === ".") continue;
    const last = parts.at(-1);
    if (part === ".." && last !== undefined && last !== "..") parts.pop();
    else if (part !== ".." || !whole.startsWith("/")) parts.push(part);
  }
  return `${whole.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

/** Whether a path ends in the parts of another: `src/a.c` in `/home/me/src/a.c`. */
export function pathEndsWith(path: string, end: string): boolean {
  const wanted = joinPath("", end);
  return (
    wanted !== "" &&
    (path === wanted ||
      (path.endsWith(wanted) && (wanted.startsWith("/") ? false : path.at(-wanted.length - 1) === "/")))
  );
}
