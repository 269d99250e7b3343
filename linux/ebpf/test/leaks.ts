import { readdirSync, readlinkSync } from "node:fs";
import { expect } from "vitest";
import { openHandles } from "../handle.ts";

/** For `afterEach`: no map, program, link or perf event of this process is left, known to the library or not. */
export function expectNothingLeft(): void {
  expect(openHandles()).toEqual([]);
  expect(bpfDescriptors()).toEqual([]);
}

function bpfDescriptors(): string[] {
  return readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return ""; // the directory's own descriptor
      }
    })
    .filter((target) => /^anon_inode:.*(bpf|perf_event|btf)/.test(target));
}
