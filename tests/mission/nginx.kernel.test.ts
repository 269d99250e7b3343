import { afterAll, beforeAll, expect, test } from "vitest";
import { histogramTotal } from "../tracing/output.ts";
import { trace } from "../tracing/tracer.ts";
import { Nginx } from "./nginx.ts";

const REQUESTS = 50;
const SLOW = 2;
let nginx: Nginx;

beforeAll(async () => {
  nginx = await Nginx.start();
});

afterAll(() => nginx[Symbol.asyncDispose]());

async function requests(): Promise<void> {
  for (let i = 0; i < REQUESTS; i++) await nginx.curl("plain", "/index.html");
}

test("25.bt: 50 requests give 50", async () => {
  const { stdout } = await trace("25.bt", async (tracer) => {
    await requests();
    await tracer.until("stdout", { test: (text) => histogramTotal(text, "@latency_hist") === REQUESTS });
  });
  expect(sumOf(stdout, /^Total requests: (\d+)$/gm)).toBe(REQUESTS);
  expect(sumOf(stdout, /^ {2}(?:Fast|Medium|Slow) .*: +(\d+) \(/gm)).toBe(REQUESTS);
});

const REPORTED = /^===== HTTP requests of the last 5 s: (\d+) =====$/gm;

test("25-: 50 requests and 2 slow ones give 52, in shares of 100 %", async () => {
  const { stdout } = await trace("25-", async (tracer) => {
    await requests();
    await nginx.curlSlowly(SLOW);
    await tracer.until("stdout", { test: (text) => sumOf(text, REPORTED) === REQUESTS + SLOW });
  });
  expect(stdout.match(/^nginx: Slow request \d{5,} us$/gm)?.length).toBeGreaterThanOrEqual(SLOW);
  for (const report of stdout.split("===== HTTP").slice(1)) {
    const shares = [...report.matchAll(/\((\d+\.\d)%\)$/gm)].map((match) => Number(match[1]));
    expect(shares).toHaveLength(3);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
  }
});

test.each([
  ["26.bt", "@latency"],
  ["26-", "@latency_us"],
])("%s: all requests are timed, and the slow ones told", async (script, histogram) => {
  const { stdout } = await trace(script, async () => {
    await requests();
    await nginx.curlSlowly(SLOW);
  });
  expect(histogramTotal(stdout, histogram)).toBe(REQUESTS + SLOW);
  expect(stdout.match(/^nginx: Slow request \d{3,} ms$/gm)).toHaveLength(SLOW);
});

function sumOf(text: string, number: RegExp): number {
  return [...text.matchAll(number)].reduce((sum, match) => sum + Number(match[1]), 0);
}
