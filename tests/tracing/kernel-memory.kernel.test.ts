import { expect, test } from "vitest";
import { RunningProcess, root } from "./process.ts";

async function printed(script: string, ...argv: string[]) {
  const process = await RunningProcess.start(`${root}beetrace`, ["-q", ...argv, "-e", script]);
  const { stdout, stderr, code } = await process.finish();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trim();
}

/** A pointer of which the verifier knows nothing but what the script says. */
const UNKNOWN = "$t = kptr((struct task_struct *)(uint64)curtask);";

test("what an unknown pointer points to is what a known one does", async () => {
  const same = (path: string) => `$t.${path} == curtask.${path}`;
  const paths = ["pid", "real_parent.tgid", "real_parent.real_parent.start_time", "mm.mm_count.counter", "comm"];
  const script = `begin { ${UNKNOWN} print((${paths.map(same).join(", ")})); print($t.comm); print($t.nsproxy.net_ns.ns.inum > 0);
    print($t.thread_info.flags == curtask.thread_info.flags); print($t.se.avg.load_avg == curtask.se.avg.load_avg); exit(); }`;
  const lines = (await printed(script)).split("\n");
  expect(lines).toEqual([`(${paths.map(() => "true").join(", ")})`, "beetrace", "true", "true", "true"]);
});

test("where nothing is, zeros are", async () => {
  const addresses = ["0", "8", "0x7fffffffffff", "0x800000000000", "0xdead000000000000", "-4096"];
  const script = `begin { @x = 0; ${addresses.map((each) => `print(kptr((struct task_struct *)(@x + ${each})).pid);`).join(" ")} exit(); }`;
  expect((await printed(script)).split("\n").slice(0, addresses.length)).toEqual(addresses.map(() => "0"));
});

test("pointers that the verifier knows can be calculated with", async () => {
  const script = `rawtracepoint:sched_switch { $p = (uint64)args.prev; $m = (uint64)curtask;
    print((($p & 0xf) == $p % 16, $p >> 63, $m * 2 == $m << 1, ((uint64)args.prev.mm | 1) != 0, args.prev.pid == kptr((struct task_struct *)$p).pid));
    exit(); }`;
  expect((await printed(script)).split("\n")[0]).toBe("(true, 1, true, true, true)");
});

test("with -k what cannot be read is told", async () => {
  const script = "begin { @x = 0; print(((struct task_struct *)kptr((uint64)(@x + 8))).pid); exit(); }";
  const process = await RunningProcess.start(`${root}beetrace`, ["-q", "-k", "-e", script]);
  const { stdout, stderr } = await process.finish();
  expect(stdout).toMatch(/^0\n/);
  expect(stderr).toContain("probe_read_kernel");
});
