import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n segments: made, attached, asked, detached, removed. One call that fails. */
const SOURCE = `#include <stdlib.h>
#include <sys/shm.h>
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    int id = shmget(0x7ace0000 + i, 8192, IPC_CREAT | IPC_EXCL | 0640);
    void *at = shmat(id, NULL, SHM_RDONLY);
    struct shmid_ds about;
    shmctl(id, IPC_STAT, &about);
    shmdt(at);
    shmctl(id, IPC_RMID, NULL);
  }
  shmget(0x7ace0000, 1, 0);
  return 0;
}
`;

let sharer: Workload;
beforeAll(() => {
  sharer = compileWorkload("sharer", SOURCE);
});
afterAll(() => sharer[Symbol.dispose]());

test("every call, with its arguments", async () => {
  const { rows } = await runTool("shmsnoop", ["-n", "sharer", "--json"], sharer.command("30"));
  const count = (call: string) => rows.filter(({ sys }) => sys === call).length;
  expect([count("SHMGET"), count("SHMAT"), count("SHMDT"), count("SHMCTL")]).toEqual([31, 30, 30, 60]);
  expect(rows[0].args).toBe("key: 0x7ace0000, size: 8192, shmflg: 0x7a0 (IPC_CREAT|IPC_EXCL|0640)");
  expect(rows[1].args).toBe(`shmid: 0x${Number(rows[0].ret).toString(16)}, shmaddr: 0x0, shmflg: 0x1000 (SHM_RDONLY)`);
  expect(rows[2].args).toMatch(/^shmid: 0x[0-9a-f]+, cmd: 2 \(IPC_STAT\), buf: 0x7[0-9a-f]+$/);
  expect(rows[3].args).toBe(`shmaddr: 0x${BigInt(Number(rows[1].ret)).toString(16)}`);
  expect(rows[4].args).toMatch(/cmd: 0 \(IPC_RMID\), buf: 0x0$/);
});

test("in columns; errors as the kernel returns them", async () => {
  const { lines } = await runTool("shmsnoop", ["-T", "-n", "sharer"], sharer.command("1"));
  expect(lines[0]).toBe("TIME(s)       PID    COMM                SYS              RET ARGs");
  expect(lines[1]).toMatch(/^0\.000000000 {3}\d+ +sharer {11}SHMGET +[0-9a-f]+ key: 0x7ace0000, /);
  expect(lines[6]).toMatch(/ SHMGET fffffffffffffffe key: 0x7ace0000, size: 1, shmflg: 0x0$/);
  expect(lines).toHaveLength(7);
});
