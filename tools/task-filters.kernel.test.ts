import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BpfMap } from "@beetrace/ebpf";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { unifiedMount } from "./control-groups.ts";
import { compileWorkload, runTool, type Workload } from "./testing.ts";

/** Opens the file of its first argument so often, and says which mount namespace it is in. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct stat ns;
  stat("/proc/self/ns/mnt", &ns);
  for (int i = 0; i < atoi(argv[2]); i++) close(open(argv[1], O_RDONLY));
  printf("%lu\\n", ns.st_ino);
  return 0;
}
`;
const ID = "0123456789abcdef".repeat(4);
const mount = unifiedMount();
const groups: string[] = [];

let opener: Workload;
beforeAll(() => {
  opener = compileWorkload("opener", SOURCE);
});
afterAll(() => opener[Symbol.dispose]());
afterEach(() => {
  for (const group of groups.splice(0).reverse()) rmdirSync(group);
});

/** Makes a control group, and those that it is in. */
function makeGroup(path: string): string {
  let full = mount;
  for (const part of path.split("/")) {
    full = join(full, part);
    if (statSync(full, { throwIfNoEntry: false }) !== undefined) continue;
    mkdirSync(full);
    groups.push(full);
  }
  return full;
}

/** A shell's command that opens `/in` three times where `enter` has put it, and `/out` five times elsewhere. */
function workload(enter: string): readonly string[] {
  return ["sh", "-c", `sh -c '${enter}; exec ${opener.path} /in 3'; ${opener.path} /out 5`];
}

/** How often each file was opened. */
async function opens(argv: readonly string[], command: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const { rows, text } = await runTool("opensnoop", ["--json", ...argv], command);
  expect(text).not.toContain("ERROR");
  const count = (path: string) => rows.filter((row) => row.path === path).length;
  return { in: count("/in"), out: count("/out") };
}

describe("--container and --cgroup", () => {
  test.each([
    ["docker by systemd", `system.slice/docker-${ID}.scope`],
    ["docker by cgroupfs", `docker/${ID}`],
    ["podman by crun, a group further down", `machine.slice/libpod-${ID}.scope/container`],
    ["Kubernetes by containerd", `kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`],
  ])("%s", async (_, path) => {
    const group = makeGroup(path);
    const enter = `echo $$ >${group}/cgroup.procs`;
    expect(await opens(["--container", ID.slice(0, 12)], workload(enter))).toEqual({ in: 3, out: 0 });
  });

  test("a control group, by each form of its path", async () => {
    const group = makeGroup("beetrace-test/below");
    const enter = `echo $$ >${group}/cgroup.procs`;
    for (const path of ["beetrace-test", "0::/beetrace-test/below", group])
      expect(await opens(["--cgroup", path], workload(enter))).toEqual({ in: 3, out: 0 });
    makeGroup("beetrace-other");
    expect(await opens(["--cgroup", "beetrace-other"], workload(enter))).toEqual({ in: 0, out: 0 });
  });

  test("of a task that is woken", async () => {
    const group = makeGroup("beetrace-test/below");
    const sleeps = ["sh", "-c", `echo $$ >${group}/cgroup.procs; for i in 1 2 3; do sleep 0.02; done`];
    const counts = async (path: string) => {
      const { rows } = await runTool("runqlat", ["--json", "--cgroup", path], sleeps);
      return rows.reduce((sum, { count }) => sum + Number(count), 0);
    };
    expect(await counts("beetrace-test")).toBeGreaterThanOrEqual(6); // three that sleep, and the shell that waits for each
    makeGroup("beetrace-other");
    expect(await counts("beetrace-other")).toBe(0);
  });

  test("wrong use", async () => {
    const { text, code } = await runTool("opensnoop", ["--cgroup", "/", "--container", "x"]);
    expect([text, code]).toEqual(["ERROR: --cgroup and --container exclude each other\n", 1]);
    expect((await runTool("opensnoop", ["--cgroup", "no-such-group"])).text).toBe(
      `ERROR: there is no control group ${mount}/no-such-group\nHINT: look below ${mount}\n`,
    );
  });
});

describe("--cgroupmap and --mntnsmap", () => {
  // A file system of its own: not every machine has mounted one at /sys/fs/bpf.
  const folder = mkdtempSync(join(tmpdir(), "beetrace-pins-"));
  const PATH = join(folder, "set");
  beforeAll(() => void execFileSync("mount", ["-t", "bpf", "bpf", folder]));
  afterAll(() => {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  });

  /** Opens are counted while the map has these keys; its values are as large as people make them. */
  async function opensBy(option: string, keys: readonly number[], command: readonly string[], valueSize = 8) {
    const spec = { name: "set", type: "BPF_MAP_TYPE_HASH", keySize: 8, valueSize, maxEntries: 8 } as const;
    using map = BpfMap.create(spec);
    for (const key of keys)
      map.update(new Uint8Array(new BigUint64Array([BigInt(key)]).buffer), new Uint8Array(valueSize));
    map.pin(PATH);
    try {
      return await opens([option, PATH], command);
    } finally {
      unlinkSync(PATH);
    }
  }

  test("control groups", async () => {
    const [one, two] = [makeGroup("beetrace-one"), makeGroup("beetrace-two")];
    const { ino } = statSync(one);
    const enter = (group: string) => `echo $$ >${group}/cgroup.procs`;
    expect(await opensBy("--cgroupmap", [ino], workload(enter(one)))).toEqual({ in: 3, out: 0 });
    expect(await opensBy("--cgroupmap", [ino], workload(enter(two)))).toEqual({ in: 0, out: 0 });
    expect(await opensBy("--cgroupmap", [ino, statSync(two).ino], workload(enter(two)))).toEqual({ in: 3, out: 0 });
  });

  test("mount namespaces", async () => {
    const own = statSync("/proc/self/ns/mnt").ino;
    const command = ["sh", "-c", `unshare -m ${opener.path} /in 3; ${opener.path} /out 5`];
    expect(await opensBy("--mntnsmap", [own], command, 4)).toEqual({ in: 0, out: 5 });
    expect(await opensBy("--mntnsmap", [own + 1], command, 4)).toEqual({ in: 0, out: 0 });
  });

  test("a map that does not fit, or is not there", async () => {
    using map = BpfMap.create({ name: "set", type: "BPF_MAP_TYPE_HASH", keySize: 4, valueSize: 4, maxEntries: 8 });
    map.pin(PATH);
    const { text } = await runTool("opensnoop", ["--cgroupmap", PATH]);
    unlinkSync(PATH);
    expect(text).toBe(`ERROR: the map pinned at ${PATH} has keys of 4 bytes; 8 are needed\n`);
    const missing = await runTool("opensnoop", ["--mntnsmap", PATH]);
    expect([missing.text, missing.code]).toEqual([`ERROR: there is no map pinned at ${PATH}\n`, 1]);
    expect((await runTool("opensnoop", ["--mntnsmap", "/etc/passwd"])).text).toBe(
      "ERROR: this is no map pinned in a BPF file system: /etc/passwd\n",
    );
  });
});
