import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProcessEvent } from "../process-event.ts";
import type { Mapping } from "./process-maps.ts";
import { ProcessSpaces } from "./process-spaces.ts";

let proc: string;
let spaces: ProcessSpaces;
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "spaces-"));
  spaces = new ProcessSpaces(proc);
});
afterEach(() => rmSync(proc, { recursive: true }));

const mapping = (path: string, start = 0x1000): Mapping => ({
  start,
  end: start + 0x1000,
  executable: true,
  fileOffset: 0,
  device: "fe:00",
  inode: 1,
  path,
  deleted: false,
});
const fork = (pid: number, parent: number): ProcessEvent => ({ kind: "fork", timeNs: 0, pid, parent });
const exec = (pid: number): ProcessEvent => ({ kind: "exec", timeNs: 0, pid });
const exit = (pid: number): ProcessEvent => ({ kind: "exit", timeNs: 0, pid });
const map = (pid: number, path: string, start?: number): ProcessEvent => ({
  kind: "map",
  timeNs: 0,
  pid,
  mapping: mapping(path, start),
});
const tell = (...events: ProcessEvent[]) => {
  for (const event of events) spaces.apply(event);
};
const at = (pid: number, address = 0x1800) => spaces.of(pid).find(address)?.path;

/** The process runs and has one file mapped, at 0x1000. */
function running(pid: number, path: string): void {
  mkdirSync(join(proc, String(pid)), { recursive: true });
  writeFileSync(join(proc, String(pid), "maps"), `1000-2000 r-xp 00000000 fe:00 1 ${path}\n`);
}
const ended = (pid: number) => rmSync(join(proc, String(pid)), { recursive: true });

describe("ProcessSpaces", () => {
  it("keeps what a process had that has ended", () => {
    tell(fork(2, 1), exec(2), map(2, "/bin/ls"), map(2, "/lib/libc.so", 0x9000), exit(2));
    expect([at(2), at(2, 0x9000), at(2, 0x5000)]).toEqual(["/bin/ls", "/lib/libc.so", undefined]);
  });

  it("gives a child what its parent has, and not what it maps later", () => {
    running(1, "/bin/sh");
    tell(fork(2, 1), map(1, "/lib/late.so", 0x9000), map(2, "/lib/mine.so", 0x8000));
    expect([at(2), at(2, 0x8000), at(2, 0x9000)]).toEqual(["/bin/sh", "/lib/mine.so", undefined]);
    expect([at(1), at(1, 0x8000), at(1, 0x9000)]).toEqual(["/bin/sh", undefined, "/lib/late.so"]);
  });

  it("reads a process that was there before when it is first heard of", () => {
    running(1, "/bin/server");
    tell(map(1, "/lib/plugin.so", 0x9000));
    ended(1);
    tell(exit(1));
    expect([at(1), at(1, 0x9000)]).toEqual(["/bin/server", "/lib/plugin.so"]);
  });

  it("remembers what a process was before it became another program", () => {
    running(1, "/bin/sh");
    tell(fork(2, 1), exec(2), map(2, "/bin/ls", 0x5000), exit(2));
    expect([at(2), at(2, 0x5000)]).toEqual(["/bin/sh", "/bin/ls"]);
    tell(fork(3, 1), exec(3), map(3, "/bin/ls"), exit(3));
    expect(at(3)).toBe("/bin/ls");
  });

  it("does not take another process for one that has ended", () => {
    tell(fork(2, 1), exec(2), map(2, "/bin/ls"), exit(2));
    running(2, "/bin/cat");
    spaces.refresh(2, spaces.of(2));
    expect([at(2), at(2, 0x9000)]).toEqual(["/bin/ls", undefined]);
    tell(fork(2, 1), exec(2), map(2, "/bin/cat"));
    expect(at(2)).toBe("/bin/cat");
  });

  it("knows a process whose first thread has ended when another becomes a program", () => {
    tell(fork(2, 1), exec(2), map(2, "/bin/a"), exit(2), exec(2), map(2, "/bin/b"));
    running(2, "/bin/b");
    spaces.doubt();
    expect(at(2)).toBe("/bin/b");
  });

  it("reads again what may have changed unseen", () => {
    tell(fork(2, 1), exec(2), map(2, "/bin/a"), fork(3, 1), exec(3), map(3, "/bin/a"), exit(3));
    running(2, "/bin/b");
    expect(at(2)).toBe("/bin/a");
    spaces.doubt();
    expect(at(2)).toBe("/bin/b");
    expect(at(3)).toBe("/bin/a");
  });

  it("tells where a process comes from", () => {
    tell(fork(2, 1), fork(3, 2), exec(3), exit(2), exit(3));
    expect([...spaces.lineage(3)]).toEqual([3, 2, 1]);
    tell(fork(1, 3));
    expect([...spaces.lineage(3)]).toEqual([3, 2, 1]);
  });

  it("forgets the first of many that ended", () => {
    for (let pid = 10; pid < 10 + 5000; pid++) tell(fork(pid, 1), exec(pid), map(pid, `/${pid}`), exit(pid));
    expect(at(10 + 5000 - 4096)).toBe(`/${10 + 5000 - 4096}`);
    expect(at(10 + 5000 - 4097)).toBeUndefined();
    expect(at(10 + 4999)).toBe(`/${10 + 4999}`);
  });
});
