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

/** The name of a user, by /etc/passwd; undefined if there is none. */
export function userName(id: number): string | undefined {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  return lines.map((line) => line.split(":")).find(([, , number]) => Number(number) === id)?.[0];
}
