import type { ProgramType } from "@beetrace/bytecode";
import { loadKernelBtf } from "../kernel-btf.ts";
import { kernel } from "../sys/kernel.ts";
import type { Sys } from "../sys/sys.ts";
import { UnsupportedError } from "../unsupported-error.ts";
import {
  type Capability,
  effectiveCapabilities,
  type KernelVersion,
  kernelVersion,
  type Lockdown,
  lockdown,
} from "./machine.ts";
import { FEATURES, type Feature } from "./table.ts";
import { helperSupported, kfuncAllowed } from "./try.ts";

/** Names of the features that can be asked for. */
export type FeatureName = (typeof FEATURES)[number]["name"];

/**
 * What the running kernel can do. Each answer is found by trying, when it is first asked for, and then kept: a `false`
 * may also mean that this process lacks the privilege.
 */
export interface Features {
  has(feature: FeatureName): boolean;
  /** Throws `UnsupportedError` unless the kernel has it. */
  require(feature: FeatureName): void;
  /** Whether programs of a type may call a helper (`"bpf_get_stack"`). */
  hasHelper(type: ProgramType, helper: string): boolean;
  /** Whether the kernel has a function of that name; with a type, whether programs of that type may call it. */
  hasKfunc(name: string, type?: ProgramType): boolean;
  readonly kernel: KernelVersion;
  readonly lockdown: Lockdown;
  readonly capabilities: ReadonlySet<Capability>;
}

/** Looks into the running kernel, question by question. */
export function probeFeatures(sys: Sys = kernel): Features {
  const known = new Map<string, boolean>();
  const once = (question: string, probe: () => boolean): boolean => {
    const answer = known.get(question) ?? probe();
    known.set(question, answer);
    return answer;
  };
  const has = (name: FeatureName) => once(name, () => featureNamed(name).probe(sys));
  return {
    has,
    require(name) {
      const { option, minimumKernel } = featureNamed(name);
      if (!has(name)) throw new UnsupportedError(option === undefined ? name : `${name} (${option})`, minimumKernel);
    },
    hasHelper: (type, helper) => once(`${type} ${helper}`, () => helperSupported(sys, type, helper)),
    hasKfunc: (name, type) =>
      has("btf") &&
      loadKernelBtf().findType("func", name) !== undefined &&
      (type === undefined || once(`${type} ${name}`, () => kfuncAllowed(sys, type, name))),
    get kernel() {
      return kernelVersion();
    },
    get lockdown() {
      return lockdown();
    },
    get capabilities() {
      return effectiveCapabilities();
    },
  };
}

const byName = new Map<string, Feature>(FEATURES.map((feature) => [feature.name, feature]));

function featureNamed(name: FeatureName): Feature {
  const feature = byName.get(name);
  if (feature === undefined) throw new UnsupportedError(name);
  return feature;
}
