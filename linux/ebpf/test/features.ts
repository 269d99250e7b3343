import { test } from "vitest";
import { type FeatureName, probeFeatures } from "../features/features.ts";
import { isAtLeast, kernelVersion } from "../features/machine.ts";
import { FEATURES, type Feature } from "../features/table.ts";

const features = probeFeatures();

/**
 * A test for kernels with a feature. Its absence is only accepted where the kernel's version, or a build option that it
 * depends on, explains it; the skip names both.
 */
export function testWith(name: FeatureName, what: string, run: () => void | Promise<void>): void {
  const feature: Feature | undefined = FEATURES.find((each) => each.name === name);
  const { minimumKernel = "0.0", option } = feature ?? {};
  const excused = option !== undefined || !isAtLeast(kernelVersion(), minimumKernel);
  const requirement = `requires Linux ${minimumKernel}${option === undefined ? "" : ` with ${option}`}`;
  test.skipIf(excused && !features.has(name))(`${what} (${requirement})`, run);
}
