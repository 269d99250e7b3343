import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";
import { callText } from "./calls.ts";

/** In a mount namespace of its own, which it prints: mounts in the old way and in the new one. */
const SOURCE = `#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
  char folder[] = "/dev/shm/mountsnoop-XXXXXX";
  struct stat status;
  mkdtemp(folder);
  if (unshare(CLONE_NEWNS) != 0) return 1;
  mount("", "/", 0, MS_REC | MS_PRIVATE, 0);
  mount("a\\tsource", folder, "tmpfs", MS_NOSUID | MS_RDONLY, "size=1m");
  mount("none", "/nonexistent", "tmpfs", 0, "");
  umount2(folder, MNT_DETACH | 8);
  int fs = syscall(SYS_fsopen, "tmpfs", 1);
  syscall(SYS_fsconfig, fs, 1, "size", "1m", 0);
  syscall(SYS_fsconfig, fs, 6, 0, 0, 0);
  int mounted = syscall(SYS_fsmount, fs, 0, 1);
  syscall(SYS_move_mount, mounted, "", -100, folder, 4);
  close(mounted);
  umount2(folder, 0);
  stat("/proc/self/ns/mnt", &status);
  printf("%s %lu\\n", folder, status.st_ino);
  rmdir(folder);
  return 0;
}
`;

let mounter: Workload;
beforeAll(() => {
  mounter = compileWorkload("mounter", SOURCE, "-static");
});
afterAll(() => mounter[Symbol.dispose]());

test("each call, as it stands in C", async () => {
  const { rows, workload, text } = await runTool("mountsnoop", ["--name", "mounter", "--json"], mounter.command());
  const [folder, namespace] = workload.trim().split(" ");
  const calls = rows.map(({ call }) => String(call).replace(/\(\d,/, "(FD,").replace(/= \d$/, "= N"));
  expect(calls).toEqual([
    'mount("", "/", "", MS_REC|MS_PRIVATE, "") = N',
    `mount("a\\tsource", "${folder}", "tmpfs", MS_RDONLY|MS_NOSUID, "size=1m") = N`,
    'mount("none", "/nonexistent", "tmpfs", 0x0, "") = -ENOENT',
    `umount("${folder}", MNT_DETACH|UMOUNT_NOFOLLOW) = N`,
    'fsopen("tmpfs", FSOPEN_CLOEXEC) = N',
    'fsconfig(FD, FSCONFIG_SET_STRING, "size", "1m", 0) = N',
    'fsconfig(FD, FSCONFIG_CMD_CREATE, "", "", 0) = N',
    "fsmount(FD, 0x0, MOUNT_ATTR_RDONLY) = N",
    `move_mount(FD, "", AT_FDCWD, "${folder}", MOVE_MOUNT_F_EMPTY_PATH) = N`,
    `umount("${folder}", 0x0) = N`,
  ]);
  for (const row of rows) expect(row).toMatchObject({ comm: "mounter", uid: 0, mnt_ns: Number(namespace) });
  expect(text).toBe("");
});

test("in columns, with the parent", async () => {
  const { lines } = await runTool("mountsnoop", ["-P", "--name", "mounter"], mounter.command());
  expect(lines[0]).toBe("COMM             PID     TID     PCOMM            PPID    MNT_NS      CALL");
  expect(lines).toHaveLength(11);
  expect(lines[1]).toMatch(/^mounter {10}\d+ +\d+ +\S.* \d+ +\d{10} {2}mount\("", /);
});

test("a line for each field", async () => {
  const { lines } = await runTool("mountsnoop", ["-d", "--name", "mounter"], mounter.command());
  const begin = lines.indexOf("OP:     UMOUNT");
  expect(lines.slice(begin, begin + 2)).toEqual(["OP:     UMOUNT", "RET:    0"]);
  expect(lines[begin + 5]).toBe("FLAGS:  MNT_DETACH|UMOUNT_NOFOLLOW");
});

test("what flags there are, and errors", () => {
  const text = (flags: number, ret: number) =>
    callText({ call: "mount", ret, numbers: [0, 0, 0, flags, 0], texts: ['"', "\x01é", "", ""] });
  expect(text(0xc0ed0001, -22)).toBe('mount("\\"", "\\x01\\xc3\\xa9", "", MS_MGC_VAL|MS_RDONLY, "") = -EINVAL');
  expect(text(2 ** 26 + 1, -4000)).toBe('mount("\\"", "\\x01\\xc3\\xa9", "", MS_RDONLY|0x4000000, "") = -4000');
});
