import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runTool } from "../testing.ts";

const BEETRACE = fileURLToPath(new URL("../../beetrace", import.meta.url));

let tracer: ReturnType<typeof spawn>;
beforeAll(async () => {
  tracer = spawn(
    BEETRACE,
    ["-e", 'rawtracepoint:sched_switch { @a = count(); @b["x"] = count(); } rawtracepoint:sys_enter { @a = count(); }'],
    { stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, __BPFTRACE_NOTIFY_PROBES_ATTACHED: "1" } },
  );
  await new Promise((resolve) => tracer.stdout?.on("data", resolve));
});
afterAll(async () => {
  const ended = new Promise((resolve) => tracer.on("close", resolve));
  tracer.kill("SIGINT");
  await ended;
});

const rowsOf = async (...argv: string[]) => {
  const { rows } = await runTool("bpflist", [...argv, "--json"]);
  return rows.filter(({ pid }) => pid === tracer.pid).map(({ type, count }) => [type, count]);
};

test("what a tracer holds", async () => {
  const held = Object.fromEntries(await rowsOf());
  expect(held.prog).toBe(2);
  expect(held.link).toBe(2);
  expect(held.map).toBeGreaterThanOrEqual(2);
  const kinds = Object.fromEntries(await rowsOf("-v"));
  const links = Object.entries(kinds).filter(([type]) => type.startsWith("link:"));
  expect(links.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(2);
});

test("as BCC prints it", async () => {
  const { lines } = await runTool("bpflist", []);
  expect(lines[0]).toMatch(/^PID {4}COMM {13}TYPE +COUNT$/);
  expect(lines.find((line) => line.startsWith(`${tracer.pid} `))).toMatch(/^\d+ +\S.{15} \w+ +\d+$/);
  expect((await runTool("bpflist", ["-vv"])).lines.slice(0, 1)).toEqual(["open kprobes:"]);
});
