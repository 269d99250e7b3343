import type { Btf } from "@beetrace/bytecode";
import type { Target } from "../target.ts";
import { testKernelTypes } from "./kernel-types.ts";
import { recordedCatalog } from "./recorded-machine.ts";
import { TEST_MACHINE } from "./test-machine.ts";

let types: Btf | undefined;

/** A machine that is nobody's: two CPUs of x86-64, Linux 6.12 with everything, and what {@link TEST_MACHINE} can be probed for. */
export function testTarget(overrides: Partial<Target> = {}): Target {
  types ??= testKernelTypes();
  return {
    arch: "x86_64",
    kernelVersion: [6, 12, 0],
    possibleCpus: 2,
    pageSizeBytes: 4096,
    btf: types,
    features: {
      btfTracepoint: true,
      cookies: true,
      kprobeMulti: true,
      kprobeSession: true,
      uprobeMulti: true,
      callerFrames: (place) => (place.startsWith("perf") ? 1 : place === "raw other" ? 2 : 3),
      fentry: true,
      helper: () => true,
      kfunc: () => true,
    },
    catalog: recordedCatalog(TEST_MACHINE),
    ...overrides,
  };
}
