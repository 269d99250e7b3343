import type { AttachType } from "@beetrace/bytecode";
import type { CompiledProgram, CompiledScript, Config, NamedAttachment } from "@beetrace/compiler";
import {
  attachKprobeMulti,
  attachUprobeMulti,
  type BpfProgram,
  type Collection,
  type Link,
  UnsupportedError,
} from "@beetrace/ebpf";
import { invariant } from "@beetrace/std";
import { AttachError } from "./attach-error.ts";
import { type AttachScope, attachOne } from "./attach-one.ts";

/** What holds for all attachments of a run, and what happens when one of them cannot be made. */
export interface AttachOptions extends AttachScope {
  /** What becomes of probes that cannot be attached. */
  readonly missingProbes: Config["missing_probes"];
  readonly onMissing: (error: AttachError) => void;
}

/** A link that was made, and the program that it runs. */
export interface AttachedLink {
  readonly program: string;
  readonly link: Link;
}

/** A link to be made, with the probes that it serves. */
interface PlannedLink {
  readonly probes: readonly NamedAttachment[];
  readonly make: () => Link;
  /** The same for each probe by itself, where a link of several can fail for one of them. */
  readonly each?: (probe: NamedAttachment) => Link;
}

/**
 * Attaches all programs of a script but those that are run by hand. Links are added to `links` as they are made, so
 * that they can be closed should one fail. Gives the number of probes that are attached, each once however many places
 * it is in.
 * Throws {@link AttachError} for the first that cannot be, unless `missingProbes` lets it pass.
 */
export function attachPrograms(
  compiled: CompiledScript,
  collection: Collection,
  options: AttachOptions,
  links: AttachedLink[],
): number {
  const attached = new Set<number>();
  for (const program of inAttachOrder(compiled.programs)) {
    for (const planned of planLinks(compiled, program, collection.program(program.program), options)) {
      attachPlanned(planned, options, (link, probes) => {
        links.push({ program: program.program, link });
        for (const { index } of probes) attached.add(index);
      });
    }
  }
  return attached.size;
}

const BY_HAND: ReadonlySet<string> = new Set(["begin", "end", "signal", "test", "bench"]);

/** Whether the tracer runs the program itself. */
export function isRunByHand({ attachments }: CompiledProgram): boolean {
  return attachments.every(({ attachment: { kind } }) => BY_HAND.has(kind));
}

/** So that probes of one event fire in the order of the script, whichever way the kernel keeps its lists. */
export function inAttachOrder(programs: readonly CompiledProgram[]): readonly CompiledProgram[] {
  const live = programs.filter((program) => !isRunByHand(program));
  const forward = live.filter((program) => !program.lastFiresFirst);
  const backward = live.filter((program) => program.lastFiresFirst).reverse();
  return [...forward, ...backward];
}

function planLinks(
  { collection: spec }: CompiledScript,
  { program: name, attachments, lastFiresFirst, oneLink }: CompiledProgram,
  program: BpfProgram,
  options: AttachOptions,
): readonly PlannedLink[] {
  const type = spec.programs.find((each) => each.name === name)?.expectedAttachType;
  const probes = lastFiresFirst ? [...attachments].reverse() : attachments;
  const multi = MULTI[type ?? "BPF_PERF_EVENT"];
  if (multi !== undefined) return multi(program, probes, options);
  if (oneLink) return [{ probes, make: () => attachOne(program, probes[0], options) }];
  const isShared = probes.length > 1;
  return probes.map((probe) => ({
    probes: [probe],
    make: () => attachOne(program, probe, options, isShared ? probe.index : undefined),
  }));
}

type Planner = (
  program: BpfProgram,
  probes: readonly NamedAttachment[],
  options: AttachOptions,
) => readonly PlannedLink[];

/** Programs that were loaded for links of many functions. */
const MULTI: Partial<Readonly<Record<AttachType, Planner>>> = {
  BPF_TRACE_KPROBE_MULTI: planKprobes,
  BPF_TRACE_KPROBE_SESSION: planKprobeSession,
  BPF_TRACE_UPROBE_MULTI: planUprobes,
};

function planKprobes(
  program: BpfProgram,
  probes: readonly NamedAttachment[],
  options: AttachOptions,
  session = false,
): readonly PlannedLink[] {
  const attach = (group: readonly NamedAttachment[]) =>
    attachKprobeMulti(program, {
      addresses: group.map((probe) => addressOf(probe, options)),
      cookies: group.map((probe) => probe.index),
      return: group.some(({ attachment }) => attachment.kind === "kprobe" && attachment.return),
      session,
    });
  return [planned(probes, attach)];
}

function planKprobeSession(
  program: BpfProgram,
  probes: readonly NamedAttachment[],
  options: AttachOptions,
): readonly PlannedLink[] {
  return planKprobes(program, probes, options, true);
}

function addressOf({ attachment }: NamedAttachment, { kernelAddress }: AttachScope): bigint {
  invariant(attachment.kind === "kprobe" && attachment.function !== undefined, "kprobe_multi is for functions");
  const address = kernelAddress(attachment.function, attachment.module);
  if (address === undefined) throw new UnsupportedError(`kernel function ${attachment.function}`);
  return address;
}

/** A link for each file. */
function planUprobes(
  program: BpfProgram,
  probes: readonly NamedAttachment[],
  { pid }: AttachOptions,
): readonly PlannedLink[] {
  const files = new Map<string, NamedAttachment[]>();
  for (const probe of probes) {
    const { path } = uprobeOf(probe);
    const group = files.get(path);
    if (group) group.push(probe);
    else files.set(path, [probe]);
  }
  const attach = (group: readonly NamedAttachment[]) => attachUprobes(program, group.map(uprobeOf), group, pid);
  return [...files.values()].map((group) => planned(group, attach));
}

function uprobeOf({ attachment }: NamedAttachment) {
  invariant(attachment.kind === "uprobe", "uprobe_multi is for functions of user space");
  return attachment;
}

function attachUprobes(
  program: BpfProgram,
  places: readonly ReturnType<typeof uprobeOf>[],
  probes: readonly NamedAttachment[],
  pid: number | undefined,
): Link {
  const hasCounters = places.some(({ refCounterOffset }) => refCounterOffset !== undefined);
  return attachUprobeMulti(program, {
    path: places[0].path,
    offsets: places.map(({ fileOffset }) => fileOffset),
    cookies: probes.map((probe) => probe.index),
    refCtrOffsets: hasCounters ? places.map(({ refCounterOffset = 0 }) => refCounterOffset) : undefined,
    return: places[0].return,
    pid,
  });
}

function planned(probes: readonly NamedAttachment[], attach: (group: readonly NamedAttachment[]) => Link): PlannedLink {
  return { probes, make: () => attach(probes), each: (probe) => attach([probe]) };
}

type OnAttached = (link: Link, probes: readonly NamedAttachment[]) => void;

function attachPlanned({ probes, make, each }: PlannedLink, options: AttachOptions, onAttached: OnAttached): void {
  try {
    onAttached(make(), probes);
  } catch (cause) {
    if (each !== undefined && probes.length > 1) {
      // One of them is at fault: by themselves, the others attach, and it is known by its name.
      for (const probe of probes) attachPlanned({ probes: [probe], make: () => each(probe) }, options, onAttached);
      return;
    }
    const error = new AttachError(probes[0], cause);
    if (options.missingProbes === "error") throw error;
    options.onMissing(error);
  }
}
