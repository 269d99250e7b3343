import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Child, CommandError, findProgram, splitCommand } from "./child.ts";
import { processState } from "./process-state.ts";

describe("splitCommand", () => {
  it.each([
    ["ls", ["ls"]],
    ["  ls   -l /tmp ", ["ls", "-l", "/tmp"]],
    [`sh -c 'echo "a b"; exit 3'`, ["sh", "-c", 'echo "a b"; exit 3']],
    [`a "b c"d 'e'f`, ["a", "b cd", "ef"]],
    [String.raw`a\ b "c\"d" 'e\f'`, ["a b", 'c"d', String.raw`e\f`]],
    [`a "" ''`, ["a", "", ""]],
    ["", []],
  ])("splits %j", (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });

  it("refuses a quote without its other", () => {
    expect(() => splitCommand("sh -c 'echo")).toThrow(CommandError);
  });
});

describe("findProgram", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "child-"));
    writeFileSync(join(directory, "data"), "", { mode: 0o644 });
    writeFileSync(join(directory, "tool"), "#!/bin/sh\n", { mode: 0o755 });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("takes the first program of that name on the path", () => {
    expect(findProgram("tool", `/nonexistent:${directory}:/bin`)).toBe(join(directory, "tool"));
    expect(findProgram(join(directory, "tool"), "")).toBe(join(directory, "tool"));
  });

  it("says why there is none", () => {
    expect(() => findProgram("data", directory)).toThrow(/not executable/);
    expect(() => findProgram("nosuch", directory)).toThrow("'nosuch' of -c does not exist on $PATH");
    expect(() => findProgram("./nosuch", directory)).toThrow("'./nosuch' of -c does not exist");
  });
});

describe("Child", () => {
  it("is stopped before its first instruction and keeps its number", async () => {
    const directory = mkdtempSync(join(tmpdir(), "child-"));
    const child = await Child.start(`sh -c 'echo $$ > ${directory}/pid'`);
    expect(processState(child.pid)?.state).toBe("T");
    expect(child.program).toMatch(/^\/\S*bin\/sh$/);
    expect(() => readFileSync(join(directory, "pid"), "utf8")).toThrow(/ENOENT/);
    child.resume();
    await child.ended;
    expect(readFileSync(join(directory, "pid"), "utf8")).toBe(`${child.pid}\n`);
    expect(child.hasEnded).toBe(true);
    rmSync(directory, { recursive: true });
  });

  it("ends with its owner, stopped or not", async () => {
    for (const resumes of [false, true]) {
      const child = await Child.start("sleep 60");
      if (resumes) child.resume();
      child[Symbol.dispose]();
      await child.ended;
      expect(child.hasEnded).toBe(true);
    }
  });
});
