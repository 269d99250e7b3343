import type { ProgramType } from "@beetrace/bytecode";
import type { Fact, Facts } from "./facts.ts";
import { CTypes } from "./semantics/c-types.ts";
import { signatureOf, tracepointSignature } from "./semantics/signatures.ts";
import type {
  BpfFunction,
  Catalog,
  StackPlace,
  Target,
  TargetFeatures,
  UsdtSite,
  UserFunction,
  UserSymbol,
} from "./target.ts";
import type { TracepointFormat } from "./tracepoint-format.ts";

/** The same machine; what the compiler learns of it is noted. What is only read for messages is not. */
export function recordTarget(target: Target, facts: Facts): Target {
  facts.note("arch", [], target.arch);
  return {
    arch: target.arch,
    kernelVersion: target.kernelVersion,
    get possibleCpus() {
      facts.note("cpus", [], String(target.possibleCpus));
      return target.possibleCpus;
    },
    get pageSizeBytes() {
      facts.note("page size", [], String(target.pageSizeBytes));
      return target.pageSizeBytes;
    },
    get btf() {
      return target.btf;
    },
    moduleBtf: (module) => target.moduleBtf?.(module),
    get pidNamespace() {
      facts.note("pid namespace", [], namespaceText(target));
      return target.pidNamespace;
    },
    features: recordFeatures(target.features, facts),
    catalog: recordCatalog(target.catalog, facts),
  };
}

function recordFeatures(features: TargetFeatures, facts: Facts): TargetFeatures {
  const noted = (name: string, has: boolean) => {
    facts.note("feature", [name], yesOrNo(has));
    return has;
  };
  return {
    get btfTracepoint() {
      return noted("btfTracepoint", features.btfTracepoint);
    },
    get cookies() {
      return noted("cookies", features.cookies);
    },
    get kprobeMulti() {
      return noted("kprobeMulti", features.kprobeMulti);
    },
    get kprobeSession() {
      return noted("kprobeSession", features.kprobeSession);
    },
    get uprobeMulti() {
      return noted("uprobeMulti", features.uprobeMulti);
    },
    get fentry() {
      return noted("fentry", features.fentry);
    },
    callerFrames(place) {
      const frames = features.callerFrames(place);
      facts.note("frames", [place], String(frames));
      return frames;
    },
    helper: (name) => noted(`helper ${name}`, features.helper(name)),
    kfunc: (name, type) =>
      noted(type === undefined ? `kfunc ${name}` : `kfunc ${name} ${type}`, features.kfunc(name, type)),
  };
}

/** Names of what a wildcard stands for are in the script by then; only what the programs depend on is noted. */
function recordCatalog(catalog: Catalog, facts: Facts): Catalog {
  return {
    tracepoints: (category, name) => catalog.tracepoints(category, name),
    kernelFunctions: (module, pattern) => catalog.kernelFunctions(module, pattern),
    rawTracepoints: (pattern) => catalog.rawTracepoints(pattern),
    userFiles: (target) => catalog.userFiles(target),
    startsInstruction: (func, offset) => catalog.startsInstruction(func, offset),
    softwareEvent: (name) => catalog.softwareEvent(name),
    hardwareEvent: (name) => catalog.hardwareEvent(name),
    softwareEvents: () => catalog.softwareEvents(),
    hardwareEvents: () => catalog.hardwareEvents(),
    iterators: () => catalog.iterators(),
    bpfFunctions(programId, pattern) {
      const found = catalog.bpfFunctions(programId, pattern);
      facts.note("bpf functions", [String(programId ?? ""), pattern], bpfText(found));
      return found;
    },
    tracepointFormat(category, name) {
      const format = catalog.tracepointFormat(category, name);
      facts.note("tracepoint", [category, name], formatText(format));
      return format;
    },
    kernelAddress(symbol) {
      const address = catalog.kernelAddress(symbol);
      facts.note("kernel address", [symbol], String(address));
      return address;
    },
    userFunctions(target, pattern, language) {
      const found = catalog.userFunctions(target, pattern, language);
      facts.note(
        "user functions",
        [target, pattern, ...(language === undefined ? [] : [language])],
        functionsText(found),
      );
      return found;
    },
    debugInfo(path) {
      const info = catalog.debugInfo(path);
      facts.note("debug information", [path], info?.identity ?? "none");
      return info;
    },
    isGo: (path) => catalog.isGo(path),
    userSymbol(path, name) {
      const found = catalog.userSymbol(path, name);
      facts.note("user symbol", [path, name], symbolText(found));
      return found;
    },
    userAddress(target, address, anyFile) {
      const found = catalog.userAddress(target, address, anyFile);
      facts.note("user address", [target, String(address)], functionsText(found === undefined ? [] : [found]));
      return found;
    },
    usdtSites(target, provider, name) {
      const sites = catalog.usdtSites(target, provider, name);
      facts.note("usdt", [target, provider, name], sitesText(sites));
      return sites;
    },
    cgroupId(path) {
      const id = catalog.cgroupId(path);
      facts.note("cgroup", [path], String(id));
      return id;
    },
  };
}

/** What `target` answers to the questions of facts: they hold there where that is their own answer. */
export function askAgain(facts: readonly Fact[], target: Target): readonly string[] {
  const types = new CTypes(target, []);
  return facts.map((fact) => answer(fact, target, types));
}

function answer({ question, args }: Fact, target: Target, types: CTypes): string {
  const { catalog } = target;
  const [first = "", second = "", third = "", fourth = "vmlinux"] = args;
  switch (question) {
    case "arch":
      return target.arch;
    case "cpus":
      return String(target.possibleCpus);
    case "page size":
      return String(target.pageSizeBytes);
    case "pid namespace":
      return namespaceText(target);
    case "feature":
      return yesOrNo(hasFeature(target.features, first));
    case "frames":
      return String(target.features.callerFrames(first as StackPlace));
    case "field":
      types.reachModule(fourth);
      return types.fieldText(first === "union" ? "union" : "struct", second, third);
    case "constant":
      return String(types.constant(first)?.value);
    case "function":
      return signatureOf(types.ofModule(args[1]), first);
    case "raw tracepoint":
      return tracepointSignature(types.ofModule(args[1]), first);
    case "bpf functions":
      return bpfText(catalog.bpfFunctions(first === "" ? undefined : Number(first), second));
    case "tracepoint":
      return formatText(catalog.tracepointFormat(first, second));
    case "user functions":
      return functionsText(catalog.userFunctions(first, second, third === "cpp" ? "cpp" : undefined));
    case "user address": {
      const found = catalog.userAddress(first, Number(second));
      return functionsText(found === undefined ? [] : [found]);
    }
    case "user symbol":
      return symbolText(catalog.userSymbol(first, second));
    case "debug information":
      return catalog.debugInfo(first)?.identity ?? "none";
    case "usdt":
      return sitesText(catalog.usdtSites(first, second, third));
    case "cgroup":
      return String(catalog.cgroupId(first));
    case "kernel address":
      return String(catalog.kernelAddress(first));
  }
}

function hasFeature(features: TargetFeatures, name: string): boolean {
  const [kind, own, type] = name.split(" ");
  switch (kind) {
    case "btfTracepoint":
    case "cookies":
    case "kprobeMulti":
    case "kprobeSession":
    case "uprobeMulti":
    case "fentry":
      return features[kind];
    case "helper":
      return features.helper(own);
    default:
      return kind === "kfunc" && features.kfunc(own, type as ProgramType | undefined);
  }
}

function symbolText(symbol: UserSymbol | undefined): string {
  if (symbol === undefined) return "none";
  return `${symbol.address} (${symbol.sizeBytes})${symbol.positionIndependent ? " anywhere" : ""}`;
}

function yesOrNo(has: boolean): string {
  return has ? "yes" : "no";
}

function namespaceText({ pidNamespace }: Target): string {
  return pidNamespace === undefined ? "initial" : `${pidNamespace.dev}:${pidNamespace.inode}`;
}

/** Without the number of the event, which is new with each boot and looked up when it is attached. */
function formatText(format: TracepointFormat | undefined): string {
  const fields = format?.fields.filter((field) => !field.common) ?? [];
  return fields.map(({ declaration, offset, size }) => `${declaration} at ${offset} (${size})`).join(", ");
}

function functionsText(functions: readonly UserFunction[]): string {
  return functions.map(({ path, name, fileOffset }) => `${path}:${name} at ${fileOffset}`).join(", ");
}

function bpfText(functions: readonly BpfFunction[]): string {
  return functions.map(({ programId, name }) => `${programId}:${name}`).join(", ");
}

function sitesText(sites: readonly UsdtSite[]): string {
  return sites.map(({ path, name, fileOffset, argText }) => `${path}:${name} at ${fileOffset} (${argText})`).join(", ");
}
