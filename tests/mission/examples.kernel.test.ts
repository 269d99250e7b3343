import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { RunningProcess, root, workloads } from "../tracing/process.ts";

const folder = `${root}examples`;
const scriptsOf = (path: string) => readdirSync(path).filter((file) => file.endsWith(".bt"));
const examples = scriptsOf(folder);
/** Those of a first line for the shell; what they import has no probes. */
const ofTheLanguage = scriptsOf(`${folder}/language`)
  .map((file) => `language/${file}`)
  .filter((file) => readFileSync(`${folder}/${file}`, "utf8").startsWith("#!"));

const ofCaseStudies = readdirSync(`${folder}/case-studies`).flatMap((study) =>
  scriptsOf(`${folder}/case-studies/${study}`).map((file) => `case-studies/${study}/${file}`),
);

async function beetrace(...args: readonly string[]) {
  await using tracer = await RunningProcess.start(`${root}beetrace`, args, { path: workloads });
  return await tracer.finish();
}

test("there is an example for each script of the mission", () => {
  const missions = readdirSync(`${root}tests/mission`).filter((file) => file.endsWith(".bt"));
  expect(examples.map((file) => `${file.slice(0, 2)}.bt`)).toEqual(missions);
});

test("examples/README.md shows each once", () => {
  const headings = [...readFileSync(`${folder}/README.md`, "utf8").matchAll(/^### \[(.*)\]\((.*)\)$/gm)];
  expect(headings.map((heading) => heading[1]).sort()).toEqual(examples);
  expect(headings.every((heading) => heading[1] === heading[2])).toBe(true);
});

test.each([...examples, ...ofTheLanguage, ...ofCaseStudies])(
  "%s is written as --fmt would, and is compiled without a warning",
  async (file) => {
    const path = `${folder}/${file}`;
    expect((await beetrace("--fmt", path)).stdout).toBe(readFileSync(path, "utf8"));
    const text = readFileSync(path, "utf8");
    const ofProcess = text.includes(".bt -p PID") ? ["-p", String(process.pid)] : [];
    const { stderr } = await beetrace("--dry-run", ...ofProcess, path);
    // On kernels without kprobes that is what can be said of those that need them.
    const needsKprobes = /Needs kprobes/.test(text);
    expect(needsKprobes ? stderr.replace(/^ERROR: Unable to attach probe: k(?:ret)?probe:.*\n/, "") : stderr).toBe("");
  },
);
