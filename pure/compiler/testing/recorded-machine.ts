/** What can be probed on a machine, as plain data: for tests, and for everything else that compiles without a machine. */
import type { DebugInfo } from "@beetrace/object";
import type { BpfFunction, Catalog, KernelFunction, UsdtSite, UserFunction } from "../target.ts";
import { parseTracepointFormat } from "../tracepoint-format.ts";

/** The answers of a {@link recordedCatalog}. */
export interface RecordedMachine {
  /** By `category:name`, the text of the format file. */
  readonly tracepoints: Readonly<Record<string, string>>;
  readonly kernelFunctions: readonly KernelFunction[];
  readonly bpfFunctions: readonly BpfFunction[];
  /** Decimal addresses by symbol. */
  readonly kernelAddresses: Readonly<Record<string, string>>;
  readonly rawTracepoints: readonly string[];
  readonly userFunctions: readonly UserFunction[];
  readonly usdtSites: readonly UsdtSite[];
  /** By path. */
  readonly debugInfo?: Readonly<Record<string, DebugInfo>>;
  /** Default periods by name. */
  readonly softwareEvents: Readonly<Record<string, number>>;
  readonly hardwareEvents: Readonly<Record<string, number>>;
  readonly iterators: readonly string[];
  /** Decimal ids by path. */
  readonly cgroups: Readonly<Record<string, string>>;
}

/** Whether a name fits a pattern, in which `*` stands for any characters. */
function fits(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

/** A catalog that knows what was recorded and nothing else. */
export function recordedCatalog(machine: RecordedMachine): Catalog {
  const event = (events: Readonly<Record<string, number>>, name: string) =>
    Object.hasOwn(events, name) ? { name, defaultPeriod: events[name] } : undefined;
  const number = (numbers: Readonly<Record<string, string>>, name: string) =>
    Object.hasOwn(numbers, name) ? BigInt(numbers[name]) : undefined;
  return {
    tracepoints: (category, name) =>
      Object.keys(machine.tracepoints)
        .map((full) => ({ category: full.split(":")[0], name: full.split(":")[1] }))
        .filter((each) => fits(category, each.category) && fits(name, each.name)),
    tracepointFormat: (category, name) =>
      parseTracepointFormat(machine.tracepoints[`${category}:${name}`] ?? "", category),
    kernelFunctions: (module, pattern) =>
      machine.kernelFunctions.filter(
        (each) => fits(pattern, each.name) && (module === undefined || fits(module, each.module ?? "vmlinux")),
      ),
    bpfFunctions: (programId, pattern) =>
      machine.bpfFunctions.filter(
        (each) => fits(pattern, each.name) && (programId === undefined || programId === each.programId),
      ),
    kernelAddress: (symbol) => number(machine.kernelAddresses, symbol),
    rawTracepoints: (pattern) => machine.rawTracepoints.filter((name) => fits(pattern, name)).map((name) => ({ name })),
    userFunctions: (target, pattern) =>
      machine.userFunctions.filter((each) => fits(target, each.path) && fits(pattern, each.name)),
    userFiles: (target) => [
      ...new Set(machine.userFunctions.map((each) => each.path).filter((path) => fits(target, path))),
    ],
    userAddress: (target, address) =>
      machine.userFunctions.find(
        (each) => each.path === target && address >= each.address && address < each.address + each.sizeBytes,
      ),
    userSymbol: (path, name) => {
      const found = machine.userFunctions.find((each) => each.path === path && each.name === name);
      return (
        found && { address: found.address, sizeBytes: found.sizeBytes, positionIndependent: path.endsWith("-pie") }
      );
    },
    isGo: (path) => path.endsWith("-go"),
    startsInstruction: (_func, offset) => offset % 4 === 0,
    debugInfo: (path) => machine.debugInfo?.[path],
    usdtSites: (target, provider, name) =>
      machine.usdtSites.filter(
        (each) => fits(target, each.path) && fits(provider, each.provider) && fits(name, each.name),
      ),
    softwareEvent: (name) => event(machine.softwareEvents, name),
    hardwareEvent: (name) => event(machine.hardwareEvents, name),
    softwareEvents: () => Object.keys(machine.softwareEvents),
    hardwareEvents: () => Object.keys(machine.hardwareEvents),
    iterators: () => machine.iterators,
    cgroupId: (path) => number(machine.cgroups, path),
  };
}
