import { beforeAll, expect, test } from "vitest";
import { functionsOf, mapValues, stackEntries } from "../tracing/output.ts";
import { RunningProcess, workloads } from "../tracing/process.ts";
import { scriptFile, startTracer } from "../tracing/tracer.ts";

const BLOCKS = 300;
const SIZE = 1000;
const FREED = 200;

interface Run {
  readonly script: string;
  /** What it prints every 10 seconds. */
  readonly printed: RegExp;
  readonly onlyMyapp?: boolean;
}

const runs = {
  original07: { script: "07.bt", printed: /^@size\[/m },
  original07OfMyapp: { script: "07.bt", printed: /^@size\[/m, onlyMyapp: true },
  example07: { script: "07-", printed: /^@bytes\[/m },
  example07OfMyapp: { script: "07-", printed: /^@bytes\[/m, onlyMyapp: true },
  original28: { script: "28.bt", printed: /^Leaked: /m },
  example28: { script: "28-", printed: /^Leaked: /m },
} satisfies Readonly<Record<string, Run>>;

type RunName = keyof typeof runs;

let pid: number;
const output = new Map<RunName, string>();

/** All scripts watch the same process, from before its first block until each has printed. */
beforeAll(async () => {
  const args = ["--wait", "--hold", ...[BLOCKS, SIZE, FREED].map(String)];
  await using myapp = await RunningProcess.start(`${workloads}/myapp`, args); // by its own name, which scripts look for
  await myapp.until("stdout", /^ready$/m);
  pid = myapp.pid;
  const started = Object.entries<Run>(runs).map(async ([name, { script, printed, onlyMyapp }]) => {
    const tracer = await startTracer([...(onlyMyapp ? ["-p", String(pid)] : []), scriptFile(script)]);
    return { name: name as RunName, printed, tracer };
  });
  const tracers = await Promise.all(started);
  myapp.write("\n");
  const ended = tracers.map(async ({ name, printed, tracer }) => {
    await tracer.until("stdout", printed);
    output.set(name, (await tracer.stop("SIGINT")).stdout);
  });
  await Promise.all(ended);
});

const outputOf = (name: RunName) => output.get(name) ?? "";

test.each([
  ["original07", "@size"],
  ["original07OfMyapp", "@size"],
  ["example07", "@bytes"],
  ["example07OfMyapp", "@bytes"],
] as const)("%s: bytes of each process", (name, bytes) => {
  expect(mapValues(outputOf(name), bytes).get(String(pid))).toBe(BLOCKS * SIZE);
});

// Of all processes the ten stacks that are printed may be others.
test.each(["original07OfMyapp", "example07OfMyapp"] as const)("%s: the stacks that allocate most", (name) => {
  const stacks = stackEntries(outputOf(name), "@allocs");
  const of = (site: string) => stacks.filter(({ functions }) => functions.includes(site)).map(({ value }) => value);
  expect({ kept: of("allocate_kept"), leaked: of("allocate_leaked") }).toEqual({
    kept: [FREED],
    leaked: [BLOCKS - FREED],
  });
  expect(stacks.every((stack) => stack.pid === pid && stack.functions.includes("main"))).toBe(true);
});

test("07.bt: what is left in @addr are the blocks that were not freed", () => {
  expect(mapValues(outputOf("original07OfMyapp"), "@addr").size).toBe(BLOCKS - FREED);
});

test("28.bt: how many blocks leak", () => {
  const stdout = outputOf("original28");
  expect(stdout).toMatch(new RegExp(`^Leaked: ${BLOCKS - FREED}$`, "m"));
  expect(mapValues(stdout, "@addr").size).toBe(BLOCKS - FREED);
  expect(mapValues(stdout, "@total_allocs").get("")).toBe(BLOCKS);
  expect(mapValues(stdout, "@total_frees").get("")).toBe(FREED);
  expect(mapValues(stdout, "@alloc_bytes").get(String(pid))).toBe(BLOCKS * SIZE);
});

test("28-: how many blocks leak, and whose", () => {
  const stdout = outputOf("example28");
  expect(stdout).toMatch(new RegExp(`^Leaked: ${BLOCKS - FREED} blocks$`, "m"));
  const leaks = [...stdout.matchAll(/^@leaked_bytes\[\n((?:\s+\S.*\n)+)\]: (\d+)$/gm)];
  expect(leaks.length).toBeGreaterThanOrEqual(2); // by the interval and once more at the end
  for (const [, stack, bytes] of leaks) {
    expect(functionsOf(stack).slice(0, 3)).toEqual(["allocate", "allocate_leaked", "main"]);
    expect(Number(bytes)).toBe((BLOCKS - FREED) * SIZE);
  }
});
