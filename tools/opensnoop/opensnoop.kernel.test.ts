import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Opens a file that is there n times, and one that is not n times. */
const SOURCE = `#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
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
