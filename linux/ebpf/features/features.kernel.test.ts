import { afterEach, expect, test } from "vitest";
import { FEATURES, isAtLeast, kernelVersion, probeFeatures, UnsupportedError } from "../index.ts";
import { expectNothingLeft } from "../test/leaks.ts";

afterEach(expectNothingLeft);

const features = probeFeatures();

// A kernel that is new enough has the feature, unless it was built without.
test.each(FEATURES.map(({ name, minimumKernel, ...rest }) => [name, minimumKernel, "option" in rest] as const))(
  "%s since %s",
  (name, minimumKernel, optional) => {
    const here = features.has(name);
    if (!isAtLeast(kernelVersion(), minimumKernel)) expect(here).toBe(false);
    else if (!optional) expect(here).toBe(true);
  },
);

test("helpers and kernel functions", () => {
  expect(features.hasHelper("BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_probe_read_kernel")).toBe(true);
  expect(features.hasHelper("BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_skb_store_bytes")).toBe(false);
  expect(features.hasHelper("BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_no_such")).toBe(false);
  expect(features.hasHelper("BPF_PROG_TYPE_KPROBE", "bpf_d_path")).toBe(false);
  expect(features.hasKfunc("bpf_iter_num_new")).toBe(isAtLeast(kernelVersion(), "6.4"));
  expect(features.hasKfunc("bpf_no_such")).toBe(false);
});

test("what is missing is named with its version", () => {
  const absent = FEATURES.find(({ name }) => !features.has(name));
  if (absent === undefined) return;
  expect(() => features.require(absent.name)).toThrow(UnsupportedError);
  expect(() => features.require(absent.name)).toThrow(absent.minimumKernel);
});
