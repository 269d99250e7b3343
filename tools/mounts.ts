/** What the kernel knows folders by. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { ToolError } from "./tool.ts";

/** A folder as the kernel has it. */
export interface Folder {
  readonly inode: number;
  /** `s_dev` of its file system, 20 bits of which are the minor number: include/linux/kdev_t.h. */
  readonly device: number;
}

/** The folder of a path. stat() may tell another device than the file system's own, which stands in mountinfo (proc(5)). */
export function folderAt(path: string): Folder {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) throw new ToolError(`there is no folder ${path}`);
  const real = `${realpathSync(path)}/`;
  let mounted = { point: "", device: 0 };
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [, , numbers = "", , point = "none"] = line.split(" ");
    const folder = `${unescaped(point)}/`.replace("//", "/");
    if (!real.startsWith(folder) || folder.length < mounted.point.length) continue;
    const [major = 0, minor = 0] = numbers.split(":").map(Number);
    mounted = { point: folder, device: major * 2 ** 20 + minor };
  }
  return { inode: stat.ino, device: mounted.device };
}

/** Blanks and their like are octal numbers there. */
function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
