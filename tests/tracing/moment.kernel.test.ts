/** When print() and clear() of a map act. */
import { expect, test } from "vitest";
import { RunningProcess } from "./process.ts";
import { traceText } from "./tracer.ts";

/** A process that makes so many of a system call that nothing else makes. */
const CALLS = 20_000;
const work = `import os\nfor _ in range(${CALLS}): os.getpgid(0)`;

async function call(): Promise<number> {
  await using python = await RunningProcess.start("python3", ["-c", work]);
  await python.finish();
  return python.pid;
}

/** What all prints of the map `@n[PID]` say together, and how many there were. */
function added(text: string, pid: number): { readonly total: number; readonly prints: number } {
  const counts = [...text.matchAll(/^@n\[(\d+)\]: (\d+)$/gm)].filter((match) => Number(match[1]) === pid);
  return { total: counts.reduce((sum, match) => sum + Number(match[2]), 0), prints: counts.length };
}

test("print and clear in one action lose no count", async () => {
  let pid = 0;
  const printed = await traceText(
    "tracepoint:syscalls:sys_enter_getpgid { @n[pid] = count(); } interval:ms:2 { print(@n); clear(@n); }",
    async () => {
      pid = await call();
    },
  );
  const { total, prints } = added(printed, pid);
  expect(prints).toBeGreaterThan(1);
  // A program that has just looked its entry up adds to what is gone.
  expect(total).toBeLessThanOrEqual(CALLS);
  expect(total).toBeGreaterThanOrEqual(CALLS - prints);
});

test("maps are printed and cleared as they are at that moment", async () => {
  const script = `begin {
    @[1] = 1; print(@); @[1] = 2; print(@, 1, 2); clear(@); @[3] = 3;
    @h[1] = hist(1); print(@h); @h[1] = hist(1); clear(@h);
    @n = 1; print(@n); @n = 2;
  } interval:s:100 { }`;
  const printed = await traceText(script, () => Promise.resolve());
  const hist = "@h[1]:\n[1]                    1 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n\n";
  expect(printed).toBe(`@[1]: 1\n@[1]: 1\n${hist}@n: 1\n\n\n@[3]: 3\n@n: 2\n`);
});

test("each print has all of 5,000 entries, though others count on", async () => {
  const script = `config = { max_map_keys = 5000 }
    tracepoint:syscalls:sys_enter_getpgid { @calls[pid] = count(); }
    begin { for ($i : 0..5000) { @m[$i] = sum($i); } }
    interval:ms:20 { print(@m); }`;
  const printed = await traceText(script, async () => {
    await call();
  });
  const values = [...printed.matchAll(/^@m\[(\d+)\]: (\d+)$/gm)];
  expect(values.every(([, key, value]) => key === value)).toBe(true);
  // Those at the end too.
  expect(values.length % 5000).toBe(0);
  expect(values.length).toBeGreaterThan(5000);
});
