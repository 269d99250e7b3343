/**
 * Measures beetrace against bpftrace on this machine, in one run, as ratios. `node bench/run.mjs [--json] [ROW…]`
 *
 * Needs root, gcc and bpftrace. See README.md for what the rows are. The exit status tells nothing about the ratios.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { figureLine, HEADING, judged } from "./report.mjs";
import { TOOLS } from "./tracer.mjs";
import { buildWorkloads } from "./workloads.mjs";

const ROWS = resolve(import.meta.dirname, "rows");
const known = readdirSync(ROWS).map((file) => file.replace(/\.mjs$/, ""));

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, repetitions: { type: "string", default: "3" } },
});
const unknown = positionals.filter((name) => !known.includes(name));
const repetitions = Number(options.repetitions);
if (unknown.length > 0 || !(repetitions >= 1)) {
  console.error(`usage: node bench/run.mjs [--json] [--repetitions N] [ROW…]\nrows: ${known.join(", ")}`);
  process.exit(2);
}

// An exit, so that tracers are ended and settings of the kernel restored.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

buildWorkloads();
const versions = Object.fromEntries(Object.entries(TOOLS).map(([name, command]) => [name, versionOf(command)]));
say(`ours: ${versions.ours}, peer: ${versions.peer}; medians; load of the machine before: ${loadavg()[0].toFixed(1)}`);
const rows = [];
for (const name of positionals.length > 0 ? positionals : known) rows.push(await runRow(name));
if (options.json) console.log(JSON.stringify({ versions, repetitions, rows }, undefined, 2));

/** Also builds ours if it is out of date. */
function versionOf(command) {
  return execFileSync(command, ["--version"], { encoding: "utf8" }).trim();
}

async function runRow(name) {
  const { title, run } = await import(resolve(ROWS, `${name}.mjs`));
  say(`\n${name}: ${title}\n${HEADING}`);
  const figures = (await run({ repetitions })).map(judged);
  for (const figure of figures) say(figureLine(figure));
  return { name, title, figures };
}

function say(text) {
  if (!options.json) console.log(text);
}
