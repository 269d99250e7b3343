import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { expect, it } from "vitest";
import { linkedFiles } from "./linked-files.ts";

const real = (paths: readonly string[]) => [...new Set(paths.map((path) => realpathSync(path)))].sort();

it("are those that the loader itself names", () => {
  const program = "/bin/bash";
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  const paths = [...listed.matchAll(/(?:=> |^\t)(\/\S+) \(/gm)].map((match) => match[1]);
  expect(paths.length).toBeGreaterThan(1);
  expect(real(linkedFiles(program))).toEqual(real([program, ...paths]));
});

it("are the program alone when nothing can be read of it", () => {
  expect(linkedFiles("/no/such/program")).toEqual(["/no/such/program"]);
  expect(linkedFiles("/etc/passwd")).toEqual(["/etc/passwd"]);
});
