import type { Int } from "@beetrace/std";
import { hexByte } from "./byte-text.ts";
import type { BuildIdFrame, CodeSymbol, Resolver } from "./resolver.ts";
import type { ValueType } from "./type.ts";
import type { StackValue } from "./value.ts";

type StackType = Extract<ValueType, { kind: "kstack" | "ustack" }>;

const INDENT = "        ";
/** What an unwinder writes in place of the frame it could not find. */
export const UNWIND_FAILURE = 0xffff_ffff_ffff_ffffn;

/**
 * A stack as text: a newline, then one line a frame. Modes: bpftrace `        symbol+offset`; perf
 * `\taddress symbol+offset (module)`; raw `address`; build_id `build-id 0xoffset`.
 */
export function stackText(type: StackType, value: StackValue, resolver: Resolver): string {
  if (value.id < 0) return "\n";
  if (type.mode === "build_id" && type.kind === "ustack") {
    const frames = resolver.buildIdStack(type.map, value.id) ?? [];
    return `\n${frames.slice(0, type.limit).map(buildIdLine).join("")}`;
  }
  let isReturn = false;
  const lookUp = (address: bigint) =>
    type.kind === "kstack" ? resolver.ksym(address) : resolver.userFrame(address, value.pid, isReturn);
  let text = "\n";
  const frames = resolver.stack(type.map, value.id) ?? [];
  for (let index = 0; index < frames.length && index < type.limit; index++) {
    const address = frames[index];
    if (address === UNWIND_FAILURE) return `${text}${INDENT}<unwind failure>\n`;
    text += frameLines(type, address, lookUp);
    isReturn = true;
  }
  return text;
}

type LookUp = (address: bigint) => CodeSymbol | undefined;

function frameLines(type: StackType, address: bigint, lookUp: LookUp): string {
  switch (type.mode) {
    case "bpftrace":
      return lines(INDENT, plainNames(address, lookUp(address)));
    case "perf":
      return lines(`\t${address.toString(16)} `, perfNames(type, address, lookUp(address)));
    // A kernel stack has no build ids: it is shown raw.
    case "raw":
    case "build_id":
      return `${address.toString(16)}\n`;
  }
}

function lines(prefix: string, names: readonly string[]): string {
  return names.map((name) => `${prefix}${name}\n`).join("");
}

function plainNames(address: bigint, symbol: CodeSymbol | undefined): string[] {
  if (symbol === undefined) return [hexAddress(address)];
  const inlined = (symbol.inlined ?? []).map((inner) => `[inlined] ${inner.name}${sourceSuffix(inner.source)}`);
  return [...inlined, `${symbol.name}+${symbol.offset}${sourceSuffix(symbol.source)}`];
}

function sourceSuffix(source: string | undefined): string {
  return source === undefined ? "" : `@${source}`;
}

/** Only user frames name their module: all kernel frames would say the same. */
function perfNames(type: StackType, address: bigint, symbol: CodeSymbol | undefined): string[] {
  const module = type.kind === "kstack" ? "" : ` (${symbol?.module ?? "[unknown]"})`;
  if (symbol === undefined) return [`${hexAddress(address)}${module}`];
  const inlined = (symbol.inlined ?? []).map((inner) => `${inner.name} (inlined)`);
  return [...inlined, `${symbol.name}+${symbol.offset}${module}`];
}

function buildIdLine(frame: BuildIdFrame): string {
  if (frame.kind === "address") return `${frame.address.toString(16)}\n`;
  return `${Array.from(frame.buildId, hexByte).join("")} 0x${frame.offset.toString(16).padStart(2, "0")}\n`;
}

/** `0x` and the address without padding; `0` is none. */
export function hexAddress(address: Int): string {
  return address === 0 || address === 0n ? "0" : `0x${address.toString(16)}`;
}
