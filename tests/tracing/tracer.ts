import { existsSync, readdirSync } from "node:fs";
import { RunningProcess, root, startWorkload, untilAsleep } from "./process.ts";

const mission = `${root}tests/mission`;
const examples = `${root}examples`;

/** The file of a script: `"09.bt"` as it was asked for, or the example that begins with `"09-"`. */
export function scriptFile(name: string): string {
  if (existsSync(`${mission}/${name}`)) return `${mission}/${name}`;
  const found = readdirSync(examples).filter((file) => file.startsWith(name) && file.endsWith(".bt"));
  if (found.length !== 1) throw new Error(`${name} names ${found.length} files of examples/`);
  return `${examples}/${found[0]}`;
}

/** Starts `./beetrace ARGS` and waits until its probes are attached. */
export async function startTracer(
  args: readonly string[],
  options: { readonly path?: string } = {},
): Promise<RunningProcess> {
  const tracer = await RunningProcess.start(`${root}beetrace`, args, options);
  await tracer.until("stderr", /Attached \d+ probes?\n/);
  return tracer;
}

/** What a script printed, and what the tracer said. */
export interface Trace {
  readonly stdout: string;
  readonly stderr: string;
}

/** The same, and the name and process that a workload had. */
export interface WorkloadTrace extends Trace {
  readonly comm: string;
  readonly pid: number;
}

/** Traces with a script while `work` runs, then ends it with SIGINT, as a user does. Throws unless it exits with 0. */
export async function trace(
  name: string,
  work: (tracer: RunningProcess) => Promise<unknown>,
  args: readonly string[] = [],
  options: { readonly path?: string } = {},
): Promise<Trace> {
  await using tracer = await startTracer([...args, scriptFile(name)], options);
  await work(tracer);
  const { code, stdout, stderr } = await tracer.stop("SIGINT");
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${stderr}`);
  return { stdout, stderr };
}

/** The same for a script given as text (`-e`). Gives what it printed. */
export async function traceText(
  text: string,
  work: (tracer: RunningProcess) => Promise<unknown>,
  args: readonly string[] = [],
): Promise<string> {
  await using tracer = await startTracer([...args, "-e", text]);
  await work(tracer);
  const { code, stdout, stderr } = await tracer.stop("SIGINT");
  if (code !== 0) throw new Error(`${text} ended with ${code}:\n${stderr}`);
  return stdout;
}

/**
 * Traces a workload that was started before the tracer, so that its own start (the loader opens and reads files) is not
 * traced. `onlyIt` traces nothing else (`-p`).
 */
export async function traceWorkload(
  script: string,
  [name, ...parameters]: readonly [string, ...(string | number)[]],
  options: { readonly onlyIt?: boolean } = {},
): Promise<WorkloadTrace> {
  await using workload = await startWorkload(name, ...parameters);
  await untilAsleep(workload.pid);
  const work = async () => {
    workload.write("\n");
    const { code, stderr } = await workload.finish();
    if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
  };
  const traced = await trace(script, work, options.onlyIt ? ["-p", String(workload.pid)] : []);
  return { ...traced, comm: workload.comm, pid: workload.pid };
}
