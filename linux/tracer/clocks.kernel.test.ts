import { readFileSync } from "node:fs";
import { openHandles, probeFeatures } from "@beetrace/ebpf";
import { describe, expect, it } from "vitest";
import { readClocks } from "./clocks.ts";

const MS = 1_000_000;

describe("readClocks", () => {
  it("agrees with the clocks that user space sees", () => {
    const before = Date.now();
    const { bootNs, unixNs } = readClocks(probeFeatures().has("ktime_get_tai_ns"));
    const uptimeMs = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000;
    expect(Number(unixNs) / MS).toBeGreaterThanOrEqual(before - 1);
    expect(Number(unixNs) / MS).toBeLessThanOrEqual(Date.now() + 1);
    expect(Math.abs(Number(bootNs) / MS - uptimeMs)).toBeLessThan(50);
    expect(openHandles()).toEqual([]);
  });

  it("finds the same time without CLOCK_TAI", (context) => {
    if (!probeFeatures().has("ktime_get_tai_ns")) context.skip("bpf_ktime_get_tai_ns requires Linux 6.1");
    const exact = readClocks(true);
    const coarse = readClocks(false);
    const apart = coarse.unixNs - coarse.bootNs - (exact.unixNs - exact.bootNs);
    expect(Math.abs(Number(apart))).toBeLessThan(5 * MS);
    expect(exact.taiOffsetNs % 1_000_000_000n).toBe(0n);
  });
});
