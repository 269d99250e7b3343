/** From attach points to groups of attachments that share a program. */
import { suggestionFor, suggestionsFor } from "@beetrace/std";
import type { AttachPoint, Probe, Script } from "../ast.ts";
import type { Unit } from "../check/model.ts";
import type { Config } from "../config.ts";
import type { Diagnostics } from "../diagnostic.ts";
import { CatalogError, type Target } from "../target.ts";
import type { CTypes } from "./c-types.ts";
import type { NamedAttachment } from "./probe-context.ts";
import { type ExpandInput, type Expansion, findProvider, hasWildcard, PROVIDERS } from "./providers/index.ts";

/** What, beside the machine, decides which probes an attach point stands for. */
export interface ExpandOptions {
  readonly config: Readonly<Config>;
  readonly unsafe: boolean;
  readonly pid?: number;
  /** Keeps only probes whose full name matches. */
  readonly probeFilter?: RegExp;
  readonly mode: RunMode;
}

/** Which probes are meant: those that watch the machine, the tests or the benchmarks; `begin` and `end` always are. */
export type RunMode = "run" | "test" | "bench";

/** The programs to be made, and the full name of every probe, in the order of the script. */
export interface ExpandedScript {
  readonly units: readonly Unit[];
  readonly probeNames: readonly string[];
}

/** Finds everything that the script's attach points stand for. */
export function expandScript(
  script: Script,
  target: Target,
  types: CTypes,
  options: ExpandOptions,
  diagnostics: Diagnostics,
): ExpandedScript {
  const units: Unit[] = [];
  const probeNames: string[] = [];
  for (const item of script.items) {
    if (item.kind !== "probe") continue;
    const points = item.attachPoints.filter((point) => belongsTo(options.mode, point));
    const groups = new Map<string, { first: Expansion; attachments: NamedAttachment[] }>();
    const reads = readsOf(item);
    const missing: AttachPoint[] = [];
    const errorsBefore = diagnostics.errorCount;
    for (const point of points) {
      const known = new Map<string, number>();
      const found = expandPoint(point, reads, target, types, options, diagnostics);
      if (found === undefined) missing.push(point);
      for (const expansion of found ?? []) {
        const name = point.name ?? expansion.name;
        if (isTrial(expansion) && probeNames.includes(name))
          diagnostics.error(point.span, `${name} is there already: the names of tests and benchmarks are theirs alone`);
        if (!passes(expansion, name, options.probeFilter)) continue;
        // One name is one probe, in however many places of its file it is.
        const index = known.get(expansion.name) ?? probeNames.push(name) - 1;
        known.set(expansion.name, index);
        const attachment = { attachment: expansion.attachment, name, index };
        const group = groups.get(expansion.key);
        if (group) group.attachments.push(attachment);
        else groups.set(expansion.key, { first: expansion, attachments: [attachment] });
      }
    }
    if (diagnostics.errorCount === errorsBefore) reportMissing(item, missing, options, target, diagnostics);
    for (const { first, attachments } of groups.values()) {
      const { context } = first;
      units.push({
        probe: item,
        context,
        attachments,
        types: first.types ?? types,
        infos: new Map(),
        variables: new Map(),
      });
    }
  }
  if (units.length === 0 && !diagnostics.hasErrors) explainNothing(script, options.mode, diagnostics);
  if (probeNames.length > options.config.max_probes) {
    diagnostics.error(
      undefined,
      `Can't attach to ${probeNames.length} probes because it exceeds the current limit of ${options.config.max_probes} probes. You can increase the limit through the BPFTRACE_MAX_PROBES environment variable, but BE CAREFUL since a high number of probes attached can cause your system to crash.`,
    );
  }
  return { units, probeNames };
}

/** What an attach point that is misspelt was meant to be is said by its expansion. */
function belongsTo(mode: RunMode, { parts: [first] }: AttachPoint): boolean {
  const name = findProvider(first.text)?.name;
  if (name === "test" || name === "bench") return name === mode;
  return mode === "run" || name === undefined || name === "begin" || name === "end";
}

/** What frames the run is not filtered. */
function passes({ attachment: { kind } }: Expansion, name: string, filter: RegExp | undefined): boolean {
  return filter === undefined || kind === "begin" || kind === "end" || filter.test(name);
}

function isTrial({ attachment: { kind } }: Expansion): boolean {
  return kind === "test" || kind === "bench";
}

/** A script whose probes are all of another mode. */
function explainNothing(script: Script, mode: RunMode, diagnostics: Diagnostics): void {
  const points = script.items.flatMap((item) => (item.kind === "probe" ? item.attachPoints : []));
  const has = (wanted: RunMode) => points.some((point) => belongsTo(wanted, point));
  if (mode !== "run") diagnostics.error(undefined, `The script has no ${mode} probes.`);
  else if (has("test")) diagnostics.error(undefined, "No probes attached; use --test to run test probes.");
  else if (has("bench")) diagnostics.error(undefined, "No probes attached; use --bench to run benchmark probes.");
}

/** What an attach point stands for; `undefined` when nothing matches, which is for the caller to judge. */
function expandPoint(
  point: AttachPoint,
  reads: Reads,
  target: Target,
  types: CTypes,
  options: ExpandOptions,
  diagnostics: Diagnostics,
): readonly Expansion[] | undefined {
  const [first, ...rest] = point.parts;
  const provider = findProvider(first.text);
  if (!provider) return unknownProvider(point, diagnostics);
  const errorsBefore = diagnostics.errorCount;
  const input: ExpandInput = {
    target,
    types,
    point,
    parts: rest.map((part) => part.text),
    diagnostics,
    span: point.span,
    unsafe: options.unsafe,
    missingProbes: options.config.missing_probes,
    ...(options.pid === undefined ? {} : { pid: options.pid }),
    ...reads,
  };
  let found: readonly Expansion[] = [];
  try {
    found = provider.expand(input);
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    diagnostics.error(point.span, error.message, ...(error.hint ? [error.hint] : []));
    return [];
  }
  return found.length === 0 && diagnostics.errorCount === errorsBefore ? undefined : found;
}

/** A misspelt provider. */
function unknownProvider(point: AttachPoint, diagnostics: Diagnostics): readonly Expansion[] {
  const [first] = point.parts;
  const names = PROVIDERS.flatMap((provider) => [provider.name, ...provider.aliases]);
  const near = suggestionFor(first.text, names);
  diagnostics.error(
    first.span,
    `Invalid probe type: ${first.text}`,
    ...(near
      ? [`did you mean ${near}?`]
      : [`probe types are ${PROVIDERS.map((provider) => provider.name).join(", ")}`]),
  );
  return [];
}

const REMEDY = "If this is expected, set the 'missing_probes' config variable to 'warn'.";

/**
 * Attach points that nothing matches. That a wildcard matches nothing is an error only where it leaves the probe
 * without any attach point.
 */
function reportMissing(
  probe: Probe,
  missing: readonly AttachPoint[],
  { config }: ExpandOptions,
  target: Target,
  diagnostics: Diagnostics,
): void {
  if (missing.length === 0 || config.missing_probes === "ignore") return;
  const isEmpty = missing.length === probe.attachPoints.length;
  for (const point of missing) {
    const provider = findProvider(point.parts[0].text)?.name ?? "";
    const parts = point.parts.slice(1).map((part) => part.text);
    const message = `No matches for ${provider} ${parts.join(":")}.`;
    if (config.missing_probes === "warn") {
      diagnostics.warning(point.span, `${message} Skipping.`);
    } else if (isEmpty || !hasWildcard(parts.join())) {
      const near = nearNames(provider, parts, target);
      const hints = near.length > 0 ? [`did you mean ${near.join(" or ")}?`] : [];
      diagnostics.error(point.span, message, ...hints, ...(isEmpty ? [] : [REMEDY]));
    }
  }
  if (isEmpty) reportEmpty(probe, config.missing_probes, diagnostics);
}

function reportEmpty({ span }: Probe, missingProbes: "error" | "warn", diagnostics: Diagnostics): void {
  const message = "Probe has no valid attach points.";
  if (missingProbes === "error") diagnostics.error(span, `${message} ${REMEDY}`);
  else diagnostics.warning(span, `${message} It is being removed which may cause issues with program behavior.`);
}

/** Names of the same kind that look alike, as they would be written. */
function nearNames(provider: string, parts: readonly string[], { catalog }: Target): string[] {
  const last = parts[parts.length - 1] ?? "";
  if (hasWildcard(parts.join())) return [];
  switch (provider) {
    case "tracepoint": {
      const all = catalog.tracepoints("*", "*");
      const sameCategory = all.filter((each) => each.category === parts[0]);
      if (sameCategory.length > 0) {
        return suggestionsFor(
          last,
          sameCategory.map((each) => each.name),
        ).map((name) => `${parts[0]}:${name}`);
      }
      return suggestionsFor(
        parts.join(":"),
        all.map((each) => `${each.category}:${each.name}`),
      );
    }
    case "kprobe":
    case "kretprobe":
    case "fentry":
    case "fexit":
    case "fmod_ret":
      return suggestionsFor(
        last,
        catalog.kernelFunctions(undefined, "*").map((func) => func.name),
      );
    case "uprobe":
    case "uretprobe":
      return suggestionsFor(
        last,
        catalog.userFunctions(parts.length > 1 ? parts[0] : "", "*").map((func) => func.name),
      );
    case "software":
      return suggestionsFor(parts[0] ?? "", catalog.softwareEvents());
    case "hardware":
      return suggestionsFor(parts[0] ?? "", catalog.hardwareEvents());
    case "rawtracepoint":
      return suggestionsFor(
        last,
        catalog.rawTracepoints("*").map((event) => event.name),
      );
    case "iter":
      return suggestionsFor(parts[0] ?? "", catalog.iterators());
    default:
      return [];
  }
}

type Reads = Pick<ExpandInput, "usesArgs" | "usesUaddr" | "readsText" | "takesKernelStack">;

/** What the predicate and the action name that matters to how they are attached. */
function readsOf(probe: Probe): Reads {
  const identifiers = new Set<unknown>();
  const calls = new Set<unknown>();
  const work: unknown[] = [probe.predicate, probe.body];
  while (work.length > 0) {
    const next = work.pop();
    if (Array.isArray(next)) for (const each of next) work.push(each);
    else if (typeof next === "object" && next !== null) {
      const { kind, name } = next as { kind?: unknown; name?: unknown };
      if (kind === "identifier") identifiers.add(name);
      else if (kind === "call") calls.add(name);
      for (const each of Object.values(next)) if (typeof each === "object") work.push(each);
    }
  }
  return {
    usesArgs: identifiers.has("args") || identifiers.has("ctx"),
    usesUaddr: calls.has("uaddr"),
    readsText: calls.has("str") || calls.has("buf"),
    takesKernelStack: identifiers.has("kstack") || calls.has("kstack"),
  };
}
