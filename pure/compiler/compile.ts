/** The compiler: from a script and a target to programs, maps and what user space does with their events. */
import type { AttachType, CollectionSpec, MapSpec, ProgramSpec } from "@beetrace/bytecode";
import type { Script } from "./ast.ts";
import { checkScript } from "./check/checker.ts";
import { checkDefinitions } from "./check/definitions.ts";
import type { Unit } from "./check/model.ts";
import { ScriptTypes } from "./check/script-types.ts";
import { CodeTooLargeError } from "./codegen/emit.ts";
import { StackTooLargeError } from "./codegen/link.ts";
import type { CompiledProgram, CompiledScript } from "./compiled.ts";
import { type Config, readConfig } from "./config.ts";
import type { Diagnostics } from "./diagnostic.ts";
import type { Facts } from "./facts.ts";
import { Headers } from "./headers/headers.ts";
import type { ReadInclude } from "./headers/preprocess.ts";
import type { Func } from "./ir/ir.ts";
import { Assembly } from "./lower/assembly.ts";
import type { KernelReads } from "./lower/lowerer.ts";
import { compileProgram } from "./lower/program.ts";
import { type KnownParam, readParams } from "./named-params.ts";
import { clangError } from "./parser/clang-error.ts";
import { type ReadImport, readScript } from "./read-script.ts";
import { recordTarget } from "./recorded-target.ts";
import { CTypes } from "./semantics/c-types.ts";
import { expandScript, type RunMode } from "./semantics/expand.ts";
import { findParams } from "./semantics/find-params.ts";
import { isSequence, type ProgramPlan, planPrograms } from "./semantics/program-plans.ts";
import { findProvider } from "./semantics/providers/index.ts";
import { fileAt, locator, positionOf, type Sources } from "./sources.ts";
import type { Target } from "./target.ts";

/** What a script is compiled with, beside the machine: what the command line says. */
export interface CompileOptions {
  /** Name of the source in line information: the file, or `stdin`. */
  readonly sourceName?: string;
  /** Positional parameters: `$1` is the first. */
  readonly params?: readonly string[];
  /** Named parameters, as they stand on the command line: `--name` or `--name=value`. */
  readonly namedParams?: readonly string[];
  /** Named parameters are given when the script is started, not now: they are read from {@link PARAMS_MAP}. */
  readonly paramsLater?: boolean;
  /** Environment variables; those named BPFTRACE_* are settings. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly unsafe?: boolean;
  /** Only this process. */
  readonly pid?: number;
  /** The process that -c started. */
  readonly childPid?: number;
  /** The process whose stacks can be unwound, when it is neither of these. */
  readonly unwindPid?: number;
  readonly probeFilter?: RegExp;
  /** Reads what the script imports; absent: imports are refused. */
  readonly readImport?: ReadImport;
  /** Failed reads of memory and look-ups of keys that are not there are counted as well (`-k`). */
  readonly countFailedReads?: boolean;
  /** How programs come to what is in the kernel's memory. Default `cast`, where the kernel has it. */
  readonly kernelReads?: KernelReads;
  /** Each probe has a program of its own wherever that can be: the kernel takes the time of programs. */
  readonly separatePrograms?: boolean;
  /** Default `run`. */
  readonly mode?: RunMode;
  /** Reads the headers that scripts include; without it no header is found. */
  readonly readInclude?: ReadInclude;
  /** Headers that come before the first line of the script. */
  readonly includeFiles?: readonly string[];
  /** Where to note what the script takes for granted of the machine. */
  readonly facts?: Facts;
  /** Sees the IR of every function as it was lowered. */
  readonly onFunc?: (func: Func) => void;
}

/** What came of a script: its tree, as far as it could be parsed, and all that there is to say of it. */
export interface CompileResult {
  readonly script: Script;
  /** The texts that places in diagnostics and in the compiled script point into. */
  readonly sources: Sources;
  readonly diagnostics: Diagnostics;
  /** Absent when there are errors. */
  readonly compiled?: CompiledScript;
}

/** Default limit of the ring buffer; `perf_rb_pages` sets another. */
const RING_BYTES_MAX = 1 << 24;

/** Compiles a script. Problems of the script are in the diagnostics; nothing is thrown for them. */
export function compileScript(source: string, machine: Target, options: CompileOptions = {}): CompileResult {
  const target = options.facts === undefined ? machine : recordTarget(machine, options.facts);
  const headers = new Headers(options.readInclude ?? (() => undefined), target);
  const read = readScript(source, {
    ...options,
    headers,
    sourceName: options.sourceName ?? "stdin",
    params: options.params ?? [],
  });
  const { script, sources, diagnostics } = read;
  const config = readConfig(script.config, options.environment ?? {}, diagnostics);
  if (script.items.length === 0 && !diagnostics.hasErrors)
    diagnostics.error(script.span, "syntax: unexpected end of file, expecting a probe");
  const result = { script: read.written, sources, diagnostics };
  if (diagnostics.hasErrors) return result;
  const types = new CTypes(target, script.definitions, headers, options.facts);
  checkDefinitions(script.definitions, types, diagnostics, (span, message) =>
    diagnostics.error(span, clangError(positionOf(sources, span.start), "error", message)),
  );
  const namedParams = knownParams(script, options, diagnostics);
  const { units, probeNames } = expandScript(
    script,
    target,
    types,
    {
      config,
      unsafe: options.unsafe ?? false,
      pid: options.pid,
      probeFilter: options.probeFilter,
      mode: options.mode ?? "run",
    },
    diagnostics,
  );
  if (units.length > config.max_bpf_progs) {
    diagnostics.error(
      undefined,
      `Your program is trying to generate more than ${units.length} BPF programs, which exceeds the current limit of ${config.max_bpf_progs}`,
      "You can increase the limit through the BPFTRACE_MAX_BPF_PROGS environment variable.",
    );
  }
  if (diagnostics.hasErrors) return result;
  const checker = new ScriptTypes(script, target, types, units, {
    params: options.params ?? [],
    namedParams,
    config,
    unsafe: options.unsafe ?? false,
    childPid: options.childPid,
    hasTargetProcess: (options.pid ?? options.childPid ?? options.unwindPid) !== undefined,
    meaningOf: (name) => headers.meaningOf(name),
    clockMap: options.environment?.BPFTRACE_DUMMY_TS_MAP,
  });
  diagnostics.addAll(checkScript(checker));
  if (diagnostics.hasErrors) return result;
  const compiled = generateScript(sources, checker, probeNames, config, options);
  diagnostics.addAll(checker.diagnostics);
  return diagnostics.hasErrors ? result : { ...result, compiled };
}

/** The script's named parameters, with their values unless those come later. */
function knownParams(
  script: Script,
  { namedParams = [], paramsLater = false }: CompileOptions,
  diagnostics: Diagnostics,
): ReadonlyMap<string, KnownParam> {
  const params = findParams(script, diagnostics);
  if (paramsLater) return params;
  const values = readParams(params.values(), namedParams);
  if (values instanceof Map)
    return new Map([...params].map(([name, param]) => [name, { ...param, value: values.get(name) }]));
  if ("message" in values) diagnostics.error(undefined, values.message, ...values.hints);
  return params;
}

function generateScript(
  sources: Sources,
  checker: ScriptTypes,
  probeNames: readonly string[],
  config: Config,
  options: CompileOptions,
): CompiledScript {
  const { target, units } = checker;
  const ringBytesMax = config.perf_rb_pages > 0 ? ringSize(config.perf_rb_pages, target.pageSizeBytes) : RING_BYTES_MAX;
  const assembly = new Assembly(checker, probeNames, ringBytesMax);
  const lowering = { ...options, kernelReads: kernelReads(options) };
  const specs: ProgramSpec[] = [];
  const programs: CompiledProgram[] = [];
  const plans = [
    ...planPrograms(units, target, {
      separate: options.separatePrograms,
      fileOf: ({ probe }) => fileAt(sources, probe.span.start).name,
    }),
  ];
  for (let plan = plans.shift(); plan !== undefined; plan = plans.shift()) {
    const [unit] = plan.units;
    const index = programs.length;
    const file = fileAt(sources, unit.probe.span.start);
    const mark = assembly.mark();
    try {
      const code = compileProgram(assembly, plan, index, lowering, locator(file), options.onFunc);
      const name = programName(unit, index);
      specs.push({
        ...code,
        ...programShape(plan, target, config),
        name,
        source: { name: file.name, text: file.text },
      });
      programs.push(compiledProgram(plan, name));
    } catch (error) {
      if (!(error instanceof StackTooLargeError || error instanceof CodeTooLargeError)) throw error;
      if (isSequence(plan)) {
        assembly.reset(mark);
        plans.unshift(...plan.units.map((each): ProgramPlan => ({ units: [each], isSession: false })));
        continue;
      }
      checker.diagnostics.error(
        unit.probe.span,
        `This probe is too large for a BPF program: ${error.message}`,
        "move a part of it into another probe, or make strings smaller",
      );
    }
  }
  const collection: CollectionSpec = { maps: neededMaps(assembly.mapSpecs(), specs), programs: specs };
  return {
    collection,
    programs,
    actions: assembly.actions,
    maps: assembly.compiledMaps,
    packetFiles: assembly.packetFiles,
    probeNames,
    runtimeSites: assembly.sites,
    params: assembly.params,
    config,
  };
}

/** Reads that fail can be counted where a helper says so; what is found for sure on this kernel need not be on others. */
function kernelReads({ kernelReads: wanted = "cast", countFailedReads, facts }: CompileOptions): KernelReads {
  return wanted === "cast" && (countFailedReads || facts !== undefined) ? "typed" : wanted;
}

function compiledProgram(plan: ProgramPlan, program: string): CompiledProgram {
  const { units, isSession } = plan;
  const [{ context, attachments }] = units;
  return {
    program,
    provider: context.provider,
    attachments: isSession ? attachments : units.flatMap((unit) => unit.attachments),
    lastFiresFirst: findProvider(context.provider)!.lastFiresFirst ?? false,
    oneLink: isSequence(plan) || attachments.every(({ attachment }) => attachment.kind === "syscall"),
  };
}

/** Maps that are pinned have to be there only if some program comes to look into them. */
function neededMaps(maps: readonly MapSpec[], programs: readonly ProgramSpec[]): readonly MapSpec[] {
  const used = new Set(
    programs.flatMap(({ relocations }) => relocations.map((each) => (each.kind === "map" ? each.map : undefined))),
  );
  return maps.filter(({ name, pinnedAt }) => pinnedAt === undefined || used.has(name));
}

function ringSize(pages: number, pageSizeBytes: number): number {
  let bytes = pageSizeBytes;
  while (bytes < pages * pageSizeBytes) bytes *= 2;
  return bytes;
}

/** `kprobe_vfs_read_1`, `begin_2`: the kernel shows the first fifteen characters. */
function programName(unit: Unit, index: number): string {
  const [{ name }] = unit.attachments;
  const last =
    name
      .split(":")
      .filter((part) => part !== "")
      .slice(-1)[0] ?? name;
  const { provider } = unit.context;
  const words = last === provider ? provider : `${provider}_${last}`;
  return `${words.replace(/[^A-Za-z0-9_]/g, "_")}_${index + 1}`;
}

function programShape(
  { units: [unit], isSession }: ProgramPlan,
  target: Target,
  config: Config,
): Pick<ProgramSpec, "type" | "license"> & Partial<ProgramSpec> {
  const { context } = unit;
  const session = isSession ? "BPF_TRACE_KPROBE_SESSION" : undefined;
  const expectedAttachType = session ?? context.expectedAttachType ?? multiAttachType(unit, target);
  return {
    type: context.programType,
    license: config.license,
    ...(expectedAttachType ? { expectedAttachType } : {}),
    ...(context.attachTo ? { attachTo: context.attachTo } : {}),
    ...(context.attachModule ? { attachModule: context.attachModule } : {}),
    ...(context.attachProgram ? { attachProgram: context.attachProgram } : {}),
  };
}

/** One link for many functions, where the kernel has it: uprobes always, kprobes where it saves something. */
function multiAttachType(unit: Unit, target: Target): AttachType | undefined {
  const kinds = unit.attachments.map((each) => each.attachment);
  if (kinds.every((each) => each.kind === "uprobe"))
    return target.features.uprobeMulti ? "BPF_TRACE_UPROBE_MULTI" : undefined;
  const functions = kinds.every((each) => each.kind === "kprobe" && each.function !== undefined && each.offset === 0);
  return functions && kinds.length > 1 && target.features.kprobeMulti ? "BPF_TRACE_KPROBE_MULTI" : undefined;
}
