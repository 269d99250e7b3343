import { execFileSync } from "node:child_process";

/** Compiles C with frame pointers into a program at `path`; gives the path. */
export function buildProgram(path: string, source: string, flags: readonly string[] = []): string {
  const always = ["-O1", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-x", "c", "-"];
  execFileSync("gcc", [...flags, "-o", path, ...always], { input: source });
  return path;
}
