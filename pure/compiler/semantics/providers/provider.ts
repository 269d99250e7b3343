import { DURATION_UNITS_NS, type DurationUnit } from "@beetrace/std";
import type { AttachPoint, Span } from "../../ast.ts";
import type { Config } from "../../config.ts";
import type { Diagnostics } from "../../diagnostic.ts";
import type { Target } from "../../target.ts";
import type { CTypes } from "../c-types.ts";
import type { Attachment, ProbeContext, ProviderName } from "../probe-context.ts";

/** One thing to attach to, with the context of the program that serves it. Equal keys share one program. */
export interface Expansion {
  readonly key: string;
  readonly context: ProbeContext;
  readonly attachment: Attachment;
  /** The types that the action names, where they are others than the script's and the kernel's. */
  readonly types?: CTypes;
  /** The full probe name, as the builtin `probe` gives it. */
  readonly name: string;
}

/** What an attach point is expanded with. */
export interface ExpandInput {
  readonly target: Target;
  readonly types: CTypes;
  readonly point: AttachPoint;
  /** The parts after the provider. */
  readonly parts: readonly string[];
  readonly diagnostics: Diagnostics;
  readonly span: Span;
  readonly unsafe: boolean;
  /** What becomes of probes that are not there. */
  readonly missingProbes: Config["missing_probes"];
  /** -p or the child of -c. */
  readonly pid?: number;
  /** The action reads `args`. */
  readonly usesArgs: boolean;
  /** The action calls uaddr(): its program must know which place it serves. */
  readonly usesUaddr: boolean;
  /** The action calls str() or buf(): what an argument really is, is worth knowing. */
  readonly readsText: boolean;
  /** The action calls kstack(). */
  readonly takesKernelStack: boolean;
}

/** A kind of probe: how its attach points are written and what they stand for. */
export interface Provider {
  readonly name: ProviderName;
  readonly aliases: readonly string[];
  /** How it is written, for messages: `kprobe:[MODULE:]FUNCTION[+OFFSET]`. */
  readonly form: string;
  /** What it is, for the reference. */
  readonly doc: string;
  /** Later attachments of the same event fire first (the kernel's lists are last in, first out). */
  readonly lastFiresFirst?: boolean;
  /** An empty list means that nothing matches; errors beyond that go to the diagnostics. */
  readonly expand: (input: ExpandInput) => readonly Expansion[];
}

/** Reports a wrongly written attach point. */
export function wrongForm(
  input: ExpandInput,
  provider: Pick<Provider, "name" | "form">,
  message?: string,
): readonly Expansion[] {
  input.diagnostics.error(
    input.span,
    message ?? `${provider.name} probe type requires the form ${provider.form}`,
    ...(message ? [`the form is ${provider.form}`] : []),
  );
  return [];
}

/** Whether the kernel has types; says so where it has none. */
export function hasTypes({ target, diagnostics, span }: ExpandInput, provider: string): boolean {
  if (target.btf) return true;
  diagnostics.error(
    span,
    `${provider}: the kernel has no BTF (/sys/kernel/btf/vmlinux)`,
    "it takes a kernel with CONFIG_DEBUG_INFO_BTF; tracepoint and kprobe do without",
  );
  return false;
}

/** A number as attach points and parameters write it: 0x, 0b, octal, 1e6, 1_000, C suffixes. */
export function parseNumber(text: string): bigint | undefined {
  const plain = text.replace(/_/g, "").replace(/[uUlL]+$/, "");
  if (/^0[xX][0-9a-fA-F]+$/.test(plain) || /^0[bB][01]+$/.test(plain)) return BigInt(plain);
  if (/^0[0-7]+$/.test(plain)) return BigInt(`0o${plain.slice(1)}`);
  const scientific = /^(\d+)[eE](\d{1,2})$/.exec(plain);
  if (scientific) return BigInt(scientific[1]) * 10n ** BigInt(scientific[2]);
  return /^\d+$/.test(plain) ? BigInt(plain) : undefined;
}

/** A duration literal (`99ms`) in nanoseconds. */
export function parseDuration(text: string): bigint | undefined {
  const match = /^(\w+?)(ns|us|ms|s|m|h|d)$/.exec(text);
  const count = match ? parseNumber(match[1]) : undefined;
  return match && count !== undefined ? count * DURATION_UNITS_NS[match[2] as DurationUnit] : undefined;
}

/** Whether a text is what a pattern with `*` says. */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first, ...rest] = pattern.split("*");
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}

/** Whether a part of an attach point is a pattern: `*` stands for any characters. */
export function hasWildcard(text: string): boolean {
  return text.includes("*");
}
