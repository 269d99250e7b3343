import { readFileSync } from "node:fs";

/** The line above each screen of a tool that refreshes: the time and /proc/loadavg. */
export function loadLine(time: string): string {
  return `${time} loadavg: ${readFileSync("/proc/loadavg", "latin1")}`;
}
