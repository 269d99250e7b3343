import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandProgram } from "./command-program.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "command-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

it("is the file itself, or what its first line names", () => {
  const program = file("program", "\x7fELF");
  expect(commandProgram(program)).toBe(program);
  expect(commandProgram(file("a", "#!/bin/sh\necho"))).toBe("/bin/sh");
  expect(commandProgram(file("b", "#! \t/usr/bin/env -S python3 -u\n"))).toBe("/usr/bin/env");
  expect(commandProgram(file("c", `#!${program}`))).toBe(program);
  expect(commandProgram(file("d", `#!${join(directory, "c")}\n`))).toBe(program);
});

it("is the file itself where that names nothing", () => {
  for (const content of ["", "#!", "#!\n/bin/sh", " #!/bin/sh\n"]) {
    const path = file("e", content);
    expect(commandProgram(path)).toBe(path);
  }
  expect(commandProgram("/nonexistent")).toBe("/nonexistent");
});

it("comes to an end with scripts that run each other", () => {
  const one = join(directory, "one");
  file("two", `#!${one}\n`);
  file("one", `#!${join(directory, "two")}\n`);
  expect([one, join(directory, "two")]).toContain(commandProgram(one));
});
