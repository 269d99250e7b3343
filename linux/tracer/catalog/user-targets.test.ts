import { chmodSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expandPath } from "./path-pattern.ts";
import { resolveInRoot } from "./rooted-path.ts";
import { resolveUserTargets, UserTargetError } from "./user-targets.ts";

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "user-targets-")));
  for (const name of ["bin", "sbin"]) mkdirSync(join(directory, name));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The start of an ELF file of a type (2 program, 3 shared object). */
function elf(path: string, type = 3, mode = 0o755): string {
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(type, 16);
  writeFileSync(join(directory, path), header);
  chmodSync(join(directory, path), mode);
  return join(directory, path);
}

const resolve = (target: string) =>
  resolveUserTargets(target, {
    searchPath: `${directory}/bin:relative:${directory}/sbin`,
    workingDirectory: directory,
  });

function failure(target: string): UserTargetError {
  try {
    resolve(target);
  } catch (error) {
    if (error instanceof UserTargetError) return error;
  }
  throw new Error("should have failed");
}

describe("resolveUserTargets", () => {
  it("takes absolute and relative paths, and keeps links as written", () => {
    const tool = elf("bin/tool");
    symlinkSync("tool", join(directory, "bin/link"));
    expect(resolve(tool)).toEqual([tool]);
    expect(resolve("./bin/tool")).toEqual(["./bin/tool"]);
    expect(resolve("bin/link")).toEqual(["bin/link"]);
  });

  it("looks through $PATH, each distinct file once", () => {
    const first = elf("bin/tool");
    expect(resolve("tool")).toEqual([first]);
    linkSync(first, join(directory, "sbin/tool"));
    expect(resolve("tool")).toEqual([first]);
    rmSync(join(directory, "sbin/tool"));
    const second = elf("sbin/tool");
    expect(resolve("tool")).toEqual([first, second]);
  });

  it("takes executables only when they may be executed, libraries always", () => {
    elf("bin/program", 2, 0o644);
    elf("bin/library.so", 3, 0o644);
    elf("bin/object.o", 1);
    if (process.geteuid?.() !== 0) expect(failure("bin/program").reason).toBe("not-elf");
    expect(resolve("bin/library.so")).toHaveLength(1);
    expect(failure("bin/object.o").reason).toBe("not-elf");
  });

  it("expands wildcards to what is ELF", () => {
    const one = elf("bin/tool-1");
    const two = elf("sbin/tool-2");
    writeFileSync(join(directory, "bin/tool-script"), "#!/bin/sh\n");
    expect(resolve(`${directory}/*/tool-*`)).toEqual([one, two]);
    expect(resolve("./bin/tool-*")).toEqual(["./bin/tool-1"]);
    expect(resolve("*/tool-*")).toEqual(["bin/tool-1", "sbin/tool-2"]);
    expect(resolve("tool-*")).toEqual([one, two]);
    expect(resolve(`${directory}/nothing/*`)).toEqual([]);
  });

  it("takes the program that a process is going to execute for its own", () => {
    const program = elf("bin/tool");
    const child = { pid: process.pid, program };
    expect(resolveUserTargets("", { child })).toEqual([program]);
    expect(resolveUserTargets(`/proc/${process.pid}/exe`, { child })).toEqual([program]);
    expect(resolveUserTargets("*", { child, proc: directory })).toEqual([program]);
    expect(resolveUserTargets("tool", { child, searchPath: `${directory}/sbin:${directory}/bin` })).toEqual([program]);
  });

  it("takes members of archives, and any file where that is asked for", () => {
    writeFileSync(join(directory, "bin/archive.zip"), "PK");
    expect(resolve("bin/archive.zip!/lib/tool.so")).toEqual(["bin/archive.zip!/lib/tool.so"]);
    expect(failure("bin/absent.zip!/tool").reason).toBe("not-found");
    const options = { workingDirectory: directory, anyFile: true };
    expect(resolveUserTargets("bin/archive.zip", options)).toEqual(["bin/archive.zip"]);
    expect(() => resolveUserTargets("bin/absent", options)).toThrow(UserTargetError);
  });

  it("tells not found from not ELF, with a suggestion", () => {
    elf("bin/postgres");
    writeFileSync(join(directory, "bin/script"), "#!/bin/sh\n");
    expect(failure("postgers")).toMatchObject({ reason: "not-found", hint: "did you mean postgres?" });
    expect(failure("./bin/postgers").hint).toBe("did you mean ./bin/postgres?");
    expect(failure("bin/script").reason).toBe("not-elf");
    expect(failure("").reason).toBe("not-found");
    expect(() => resolveUserTargets("", { pid: 2 ** 30 })).toThrow(/no process/);
  });
});

describe("expandPath", () => {
  it("does not cross directories nor show hidden names", () => {
    elf("bin/a");
    elf("bin/.hidden");
    expect(expandPath(`${directory}/*`)).toEqual([join(directory, "bin"), join(directory, "sbin")]);
    expect(expandPath(`${directory}/bin/*`)).toEqual([join(directory, "bin/a")]);
    expect(expandPath(`${directory}/bin/.h*`)).toEqual([join(directory, "bin/.hidden")]);
    expect(expandPath("/b*/a", directory)).toEqual(["/bin/a"]);
    expect(expandPath("./b*/a", "", directory)).toEqual(["./bin/a"]);
    expect(expandPath("b*/../bin/*", "", directory)).toEqual(["bin/../bin/a"]);
    expect(expandPath("/", directory)).toEqual(["/"]);
  });
});

describe("resolveInRoot", () => {
  it("follows links as the process sees them", () => {
    elf("bin/real");
    symlinkSync("/bin", join(directory, "absolute"));
    symlinkSync("../../../../bin/real", join(directory, "sbin/escaping"));
    symlinkSync("loop", join(directory, "loop"));
    expect(resolveInRoot(directory, "/absolute/real")).toBe(join(directory, "bin/real"));
    expect(resolveInRoot(directory, "/sbin/escaping")).toBe(join(directory, "bin/real"));
    expect(resolveInRoot(directory, "/absent/x/../y")).toBe(join(directory, "absent/y"));
    expect(resolveInRoot(directory, "/loop")).toBe(join(directory, "loop"));
  });
});
