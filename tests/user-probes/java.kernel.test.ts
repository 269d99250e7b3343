import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countLines, mapValues } from "../tracing/output.ts";
import { RunningProcess, runToEnd } from "../tracing/process.ts";
import { startTracer } from "../tracing/tracer.ts";

const home = "/usr/lib/jvm/java-17-openjdk-amd64";
const libjvm = `${home}/lib/server/libjvm.so`;
const isMissing = !existsSync(libjvm) || !existsSync(`${home}/bin/javac`);
const title = isMissing ? "Java is not installed (apt-get install openjdk-17-jdk-headless)" : "Java 17";

/** Collects garbage five times and runs 30 threads. */
const program = `
public class Work {
  public static void main(String[] arguments) throws Exception {
    System.out.println("ready");
    System.in.read();
    for (int i = 0; i < 5; i++) System.gc();
    for (int i = 0; i < 30; i++) {
      Thread thread = new Thread(() -> {}, "worker-" + i);
      thread.start();
      thread.join();
    }
    System.out.println("done");
    System.in.read();
  }
}
`;

let folder: string;

beforeAll(async () => {
  if (isMissing) return;
  folder = mkdtempSync(join(tmpdir(), "java."));
  writeFileSync(join(folder, "Work.java"), program);
  await runToEnd(`${home}/bin/javac`, ["Work.java"], { cwd: folder });
});

afterAll(() => {
  if (!isMissing) rmSync(folder, { recursive: true });
});

async function traceJava(script: string): Promise<string> {
  const args = ["-XX:+UseSerialGC", "-Xmx64m", "-cp", folder, "Work"];
  await using running = await RunningProcess.start(`${home}/bin/java`, args);
  await running.until("stdout", /^ready$/m);
  await using tracer = await startTracer(["-p", String(running.pid), "-e", script]);
  running.write("\n");
  await running.until("stdout", /^done$/m);
  return (await tracer.stop("SIGINT")).stdout;
}

test.skipIf(isMissing)(`${title}: collections of garbage`, async () => {
  const stdout = await traceJava(`
    usdt:${libjvm}:hotspot:gc__begin { @begun[arg0] = count(); }
    usdt:${libjvm}:hotspot:gc__end { @ended = count(); }`);
  expect(mapValues(stdout, "@begun")).toEqual(new Map([["1", 5]])); // 1: of the whole heap
  expect(mapValues(stdout, "@ended").get("")).toBe(5);
});

test.skipIf(isMissing)(`${title}: threads with their names`, async () => {
  // Names are not terminated, the second argument is their length; str counts a terminator.
  const stdout = await traceJava(`
    usdt:${libjvm}:hotspot:thread__start { printf("started %s\\n", str(arg0, arg1 + 1)); }
    usdt:${libjvm}:hotspot:thread__stop { printf("stopped %s\\n", str(arg0, arg1 + 1)); }`);
  for (const verb of ["started", "stopped"]) {
    expect(countLines(stdout, new RegExp(`^${verb} worker-\\d+$`))).toBe(30);
  }
  expect(stdout).toMatch(/^started worker-29$/m);
});

test.skipIf(isMissing)(`${title}: a probe is found in the libraries of a process`, async () => {
  const stdout = await traceJava("usdt:*:hotspot:gc__end { @ = count(); }");
  expect(mapValues(stdout, "@").get("")).toBe(5);
});
