/**
 * Measures what the ready-made tools cost on a machine that is busy with a bit of everything, and writes it to
 * tests/tools/costs.json, from which docs/tools.md is made: `node bench/tool-costs.mjs [TOOL…]`. Needs root, gcc and the
 * workloads (tests/workloads/build).
 */
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const BEETRACE = resolve(ROOT, "beetrace");
const COSTS = resolve(ROOT, "tests/tools/costs.json");
const SECONDS = 3;
/** Of fewer events nothing can be said. */
const LEAST = 100;

/** Opens, reads, writes, makes and removes files; starts programs and threads; connects; sleeps; sends signals. */
const BUSY = `cd ${ROOT}/.cache/workloads
folder=$(mktemp -d /var/tmp/busy.XXXXXX)
trap 'rm -r "$folder"' EXIT
trap exit TERM
head -c 1048576 /dev/zero >"$folder/data"
while :; do
  ./opens 2000 /etc/hostname
  ./reads 2000 4096 "$folder/data"
  ./writes 2000 100 "$folder/data"
  ./files 200 "$folder"
  ./direct-writes 100 "$folder/data"
  ./connects 300 1000
  ./execs 20
  ./threads 50
  ./signals 500
  ./switches 200
  ./faults 500
done >/dev/null 2>&1`;

/** Tools that have to be told what to look at, or do not trace. */
const ARGUMENTS = {
  argdist: ["-C", "t:syscalls:sys_enter_openat():int:args->flags", "-d", String(SECONDS)],
  funccount: ["-d", String(SECONDS), "c:m*alloc"],
  funclatency: ["-d", String(SECONDS), "c:getpid"],
  trace: ["t:syscalls:sys_enter_openat"],
  profile: ["-F", "999", String(SECONDS)],
};

const chosen = process.argv.slice(2);
const list = execFileSync(BEETRACE, ["--list-tools"], { encoding: "utf8" });
const tools = [...list.matchAll(/^ {2}(\S+) /gm)].map(([, name]) => name);
const costs = JSON.parse(readFileSync(COSTS, "utf8"));
for (const name of Object.keys(costs)) if (!tools.includes(name)) delete costs[name];

const busy = spawn("bash", ["-c", BUSY], { stdio: "ignore" });
try {
  for (const tool of chosen.length > 0 ? chosen : tools) {
    const cost = await measure(tool);
    if (cost === undefined) delete costs[tool];
    else costs[tool] = cost;
    console.log(tool.padEnd(20), cost === undefined ? "too little to measure" : JSON.stringify(cost));
  }
} finally {
  busy.kill("SIGTERM");
}
writeFileSync(COSTS, `${JSON.stringify(Object.fromEntries(Object.entries(costs).sort()), undefined, 2)}\n`);

/** `{ ns, events }`: nanoseconds for each event, which is a run of the probe that ran most often, and those in a second. */
async function measure(tool) {
  const argv = [tool, "--verbose", ...(ARGUMENTS[tool] ?? [])];
  const child = spawn(BEETRACE, argv, { stdio: ["ignore", "ignore", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGINT"), (SECONDS + 1) * 1000);
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  await new Promise((done) => child.on("close", done));
  clearTimeout(timer);
  return costOf(text);
}

function costOf(text) {
  const row = /^\S.* {2}([\d,]+) +[\d,]+ +[\d,]+ +([\d,]+) +[\d.]+%$/gm;
  const number = (digits) => Number(digits.replaceAll(",", ""));
  const probes = [...text.matchAll(row)].map(([, hits, ns]) => ({ hits: number(hits), ns: number(ns) }));
  const events = Math.max(0, ...probes.map(({ hits }) => hits));
  if (events < LEAST) return undefined;
  const total = probes.reduce((sum, { hits, ns }) => sum + hits * ns, 0);
  return { ns: Math.round(total / events), perSecond: Math.round(events / SECONDS) };
}
