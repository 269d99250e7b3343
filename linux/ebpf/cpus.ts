import { readFileSync } from "node:fs";

const CPUS_MAX = 1 << 16; // beyond CONFIG_NR_CPUS of any architecture

/** The numbers in the kernel's list notation: `"0-2,5"` is 0, 1, 2, 5. */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const range of text.trim().split(",")) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (first === undefined || Number(last) >= CPUS_MAX) continue;
    for (let cpu = Number(first); cpu <= Number(last); cpu++) cpus.push(cpu);
  }
  return cpus;
}

let possible: number | undefined;

/** How many CPUs this machine could ever have: the number of values of a per-CPU map entry. */
export function possibleCpuCount(): number {
  possible ??= Math.max(...parseCpuList(readFileSync("/sys/devices/system/cpu/possible", "utf8"))) + 1;
  return possible;
}

/** The CPUs that run now. */
export function onlineCpus(): number[] {
  return parseCpuList(readFileSync("/sys/devices/system/cpu/online", "utf8"));
}
