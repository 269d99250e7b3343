/** Runs a case without a kernel: its programs in the VM, its events through the tracer's own handlers and printers. */
import type { MapSpec, Vm, VmHelper, VmMap } from "@beetrace/bytecode";
import {
  type CompiledScript,
  compileScript,
  EVENTS_MAP,
  type Sources,
  splitParams,
  type Target,
} from "@beetrace/compiler";
import { testTarget, testVm } from "@beetrace/compiler/testing";
import type { Collection } from "@beetrace/ebpf";
import { bareResolver, encodeUtf8, memoryOf, type Resolver } from "@beetrace/output";
import { invariant } from "@beetrace/std";
import { actionHandlers } from "../../linux/tracer/actions.ts";
import { JsonPrinter } from "../../linux/tracer/json-printer.ts";
import { ScriptMaps } from "../../linux/tracer/maps.ts";
import { RuntimeSites } from "../../linux/tracer/runtime-sites.ts";
import { OutputSink } from "../../linux/tracer/sink.ts";
import { TextPrinter } from "../../linux/tracer/text-printer.ts";
import type { Case } from "./cases.ts";
import type { Outcome } from "./outcome.ts";

const CPUS = 2;

/** Compiles and runs a case. Throws what the VM throws. */
export function runInVm(test: Case, target: Target = testTarget({ possibleCpus: CPUS })): Outcome {
  const { compiled, diagnostics, sources } = compileScript(test.program, target, {
    ...splitParams(test.params),
    environment: test.environment,
    countFailedReads: test.warningLevel === 2,
  });
  const messages = (severity: string) =>
    diagnostics.all.filter((each) => each.severity === severity).map((each) => each.message);
  const outcome = { errors: messages("error"), warnings: messages("warning"), stdout: "", stderr: "", exitCode: 0 };
  return compiled ? { ...outcome, ...runCompiled(compiled, sources, test) } : outcome;
}

function runCompiled(
  compiled: CompiledScript,
  sources: Sources,
  test: Case,
): Pick<Outcome, "stdout" | "stderr" | "exitCode"> {
  const vm = testVm({ maps: compiled.collection.maps, cpus: CPUS, kfuncs: { bpf_map_sum_elem_count: countOf } });
  const [out, err] = [new Collector(), new Collector()];
  const collection = vmCollection(compiled, vm);
  const resolver = vmResolver(compiled);
  const source = { sources, color: false };
  const Printer = test.format === "json" ? JsonPrinter : TextPrinter;
  const printer = new Printer(out.sink, err.sink, source, resolver);
  const maps = new ScriptMaps(compiled.maps, collection, printer);
  const sites = new RuntimeSites(compiled, collection, printer, test.warningLevel);
  let exitCode = 0;
  const onExit = (code: number) => {
    exitCode = code;
  };
  const handlers = actionHandlers(compiled.actions, {
    printer,
    maps,
    resolver,
    warns: test.warningLevel > 0,
    catBytesMax: compiled.config.max_cat_bytes,
    onExit,
    flush: () => {},
  });
  for (const provider of ["begin", "end"] as const) {
    runProbes(compiled, vm, provider);
    for (const sample of samplesOf(compiled, vm)) handlers[sample.u32[0]](sample, 0);
    sites.check();
  }
  printer.endOfRun();
  if (compiled.config.print_maps_on_exit) maps.printAll();
  return { stdout: out.text, stderr: err.text, exitCode };
}

/** How many keys a map has. */
const countOf: VmHelper = (machine, map) => {
  const counted = machine.mapAt(map);
  return counted.kind === "keyed" ? BigInt(counted.keys().length) : 0n;
};

function runProbes(compiled: CompiledScript, vm: Vm, provider: "begin" | "end"): void {
  compiled.programs.forEach((program, index) => {
    if (program.provider === provider) vm.run(compiled.collection.programs[index]);
  });
}

function samplesOf(compiled: CompiledScript, vm: Vm) {
  if (compiled.actions.length === 0) return [];
  const ring = vm.map(EVENTS_MAP);
  invariant(ring.kind === "ring", "events come through a ring");
  return ring.drain().map((bytes) => memoryOf(bytes.slice()));
}

/** What would be written to a file descriptor. */
class Collector {
  readonly #written: Buffer[] = [];
  readonly sink = new OutputSink({
    fd: -1,
    mode: "none",
    write: (_fd, bytes) => {
      this.#written.push(Buffer.from(bytes));
      return bytes.length;
    },
  });

  get text(): string {
    return Buffer.concat(this.#written).toString("utf8");
  }
}

function vmResolver(compiled: CompiledScript): Resolver {
  return bareResolver({
    strTruncTrailer: encodeUtf8(compiled.config.str_trunc_trailer),
    probeName: (id) => compiled.probeNames[Number(id)] ?? "",
    username: (uid) => (Number(uid) === 0 ? "root" : undefined),
  });
}

/** The VM's maps as the tracer sees those of the kernel. */
function vmCollection(compiled: CompiledScript, vm: Vm): Collection {
  const specs = new Map(compiled.collection.maps.map((spec) => [spec.name, spec]));
  const map = (name: string) => {
    const spec = specs.get(name);
    invariant(spec, `no map ${name}`);
    return liveMap(spec, vm.map(name));
  };
  // What the tracer takes is a class with private parts; of it, it uses these.
  return { map } as unknown as Collection;
}

function liveMap(spec: MapSpec, map: VmMap) {
  invariant(map.kind === "keyed", `${spec.name} has keys`);
  const valuesPerEntry = spec.type.includes("PERCPU") ? CPUS : 1;
  const readAll = () => {
    const entries = [...map.entries()];
    return {
      count: entries.length,
      keys: Buffer.concat(entries.map(([key]) => key)),
      values: Buffer.concat(entries.map(([, value]) => value)),
    };
  };
  const copied = () => {
    const { count, keys, values } = readAll();
    return { count, keys: Uint8Array.from(keys), values: Uint8Array.from(values) };
  };
  const clear = () => {
    for (const [key, value] of map.entries())
      if (map.isArray) map.set(key, new Uint8Array(value.length));
      else map.delete(key);
  };
  return {
    valuesPerEntry,
    isArray: map.isArray,
    readAll: copied,
    takeAll: () => {
      const entries = copied();
      clear();
      return entries;
    },
    update: (key: Uint8Array, value: Uint8Array) => map.set(key, value),
    zero: () => {
      for (const [key, value] of map.entries()) map.set(key, new Uint8Array(value.length));
    },
    clear,
    mapValues: () => {
      const first = map.lookup(new Uint8Array(4), 0);
      invariant(first, `${spec.name} is an array`);
      return { bytes: first.bytes, [Symbol.dispose]: () => {} };
    },
  };
}
