/** From the names of users to the numbers that the kernel knows them by. */
import { readFileSync } from "node:fs";
import { ToolError } from "./tool.ts";

/** The number of a user, by number or name. Throws {@link ToolError}. */
export function userId(user: string): number {
  if (/^\d+$/.test(user)) return Number(user);
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${user}:`));
  if (line === undefined) throw new ToolError(`there is no user '${user}'`, "give a number, or a name of /etc/passwd");
  return Number(line.split(":")[2]);
}
