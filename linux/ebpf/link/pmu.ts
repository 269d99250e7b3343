import { readFileSync } from "node:fs";
import { UnsupportedError } from "../unsupported-error.ts";

const MINIMUM_KERNEL = "4.17";
const types = new Map<string, number>();

/**
 * The perf event type of the kernel's kprobe or uprobe PMU (Documentation/ABI/testing/sysfs-bus-event_source-devices-format).
 * Throws `UnsupportedError` when the kernel is built without.
 */
export function pmuType(pmu: "kprobe" | "uprobe"): number {
  let type = types.get(pmu);
  if (type === undefined) {
    type = readType(pmu);
    types.set(pmu, type);
  }
  return type;
}

function readType(pmu: string): number {
  try {
    return Number(readFileSync(`/sys/bus/event_source/devices/${pmu}/type`, "latin1"));
  } catch (cause) {
    throw new UnsupportedError(`${pmu}s (CONFIG_${pmu.toUpperCase()}_EVENTS)`, MINIMUM_KERNEL, { cause });
  }
}

/** `config` bit 0 of both PMUs: probe the return. */
export const PMU_RETURN_PROBE = 1;
