import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Opens a file that is there n times, and one that is not n times; the rest once, by the other calls. */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 2) {
    struct open_how how = {.flags = O_RDWR | O_APPEND};
    int share = open("/usr/share", O_DIRECTORY | O_PATH);
    chdir("/usr/lib");
    syscall(SYS_open, "with/open", O_WRONLY);
    syscall(SYS_openat2, share, "with/openat2", &how, sizeof how);
    openat(share, "../with/openat", O_TMPFILE | O_RDWR, 0600);
    chdir("/proc/self");
    open("with/mount", O_RDONLY);
    return 0;
  }
  for (int i = 0; i < atoi(argv[1]); i++) {
    close(open("/etc/hostname", O_RDONLY));
    open("/nonexistent/file", O_RDWR | O_CREAT, 0640);
  }
  return 0;
}
`;

let opener: Workload;
beforeAll(() => {
  opener = compileWorkload("opener", SOURCE);
});
afterAll(() => opener[Symbol.dispose]());

test("every open, with what came of it", async () => {
  const { rows, text } = await runTool("opensnoop", ["-n", opener.name, "--json"], opener.command("200"));
  const paths = rows.filter(({ path }) => path === "/etc/hostname" || path === "/nonexistent/file");
  expect(paths.filter(({ fd, err }) => Number(fd) >= 3 && err === 0)).toHaveLength(200);
  expect(paths.filter(({ fd, err }) => fd === -1 && err === 2)).toHaveLength(200);
  expect(text).toBe("");
});

test("only those that failed, with flags and mode", async () => {
  const { lines } = await runTool("opensnoop", ["-xe", "-n", opener.name], opener.command("7"));
  expect(lines[0]).toBe("PID    COMM               FD ERR FLAGS    MODE PATH");
  const failed = lines.filter((line) => line.includes("/nonexistent"));
  expect(failed).toHaveLength(7);
  expect(failed[0]).toMatch(/^\d+ +opener +-1 {3}2 00000102 0640 \/nonexistent\/file$/);
});

test("each way to open, with whole paths", async () => {
  const { rows } = await runTool("opensnoop", ["-F", "-n", opener.name, "--json"], opener.command("0", "all"));
  const path = (part: string) => rows.find((row) => String(row.path).includes(`with/${part}`));
  expect(path("open")).toMatchObject({ path: "/usr/lib/with/open", flags: 1, err: 2 });
  expect(path("openat2")).toMatchObject({ path: "/usr/share/with/openat2", flags: 0o2002, mode: 0, err: 2 });
  expect(rows.find((row) => row.path === "/usr/share/../with/openat")).toMatchObject({
    flags: 0o20200002,
    mode: 0o600,
  });
  expect(path("mount")?.path).toBe(`/proc/${path("mount")?.pid}/with/mount`);
});

test("with the stack of the process under each", async () => {
  const { lines } = await runTool("opensnoop", ["-c", "-n", opener.name], opener.command("2"));
  const at = lines.findIndex((line) => line.endsWith(" /etc/hostname"));
  expect(lines[at + 1]).toMatch(/^ {8}\S*open\S*\+0x[0-9a-f]+ \[libc/);
});

test("a command of its own, seconds, users", async () => {
  const { lines, code } = await runTool("opensnoop", ["-TU", "-b", "16", "--exec", ...opener.command("3")]);
  expect(code).toBe(0);
  expect(lines[0]).toBe("TIME(s)       UID   PID    COMM               FD ERR PATH");
  const failed = lines.filter((line) => line.endsWith("-1   2 /nonexistent/file"));
  expect(failed).toHaveLength(3);
  expect(lines[1]).toMatch(/^0\.000000000 {3}0 {5}\d+ +opener /);
  expect(lines.slice(1).every((line) => line.includes(" opener "))).toBe(true);
});

test("by flag, by user, by process", async () => {
  const opened = async (...options: string[]) =>
    (await runTool("opensnoop", [...options, "--json"], opener.command("5"))).rows.filter((row) =>
      String(row.path).startsWith("/nonexistent"),
    ).length;
  expect(await opened("-f", "O_CREAT")).toBe(5);
  expect(await opened("-f", "O_APPEND")).toBe(0);
  expect(await opened("-u", "root")).toBe(5);
  expect(await opened("-u", "nobody")).toBe(0);
  expect(await opened("-p", "1")).toBe(0);
});
