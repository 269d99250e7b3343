import { type Action, EVENT_HEADER_BYTES } from "@beetrace/compiler";
import {
  type Decoder,
  decoder,
  decodeUtf8,
  type Memory,
  printfRenderer,
  type Renderer,
  type Resolver,
  strftime,
} from "@beetrace/output";
import { invariant, unreachable } from "@beetrace/std";
import { fileStart } from "./file-start.ts";
import type { ScriptMaps } from "./maps.ts";
import type { Printer } from "./printer.ts";
import { shellOutput } from "./shell.ts";

/**
 * Handles an event that starts at byte `at`. The memory is the ring's: it must not be kept. Gives `true` when it took
 * long, so that signals are heard before the next.
 */
export type Handler = (memory: Memory, at: number) => unknown;

/** What actions act on. */
export interface ActionEffects {
  readonly printer: Printer;
  readonly maps: Pick<ScriptMaps, "print" | "printScalar" | "addEntry" | "clear" | "zero">;
  readonly resolver: Resolver;
  /** Whether `warnf()` says anything. */
  readonly warns: boolean;
  /** `cat()` shows no more bytes of a file. */
  readonly catBytesMax: number;
  /** `exit()` was called. */
  readonly onExit: (code: number) => void;
  /** Output so far must be out: another process is going to write. */
  readonly flush: () => void;
}

type ActionOf<K extends Action["kind"]> = Extract<Action, { readonly kind: K }>;
type FormatAction = Extract<Action, { readonly format: string; readonly at: unknown }>;

/** A handler for each action of a script, by the action's index. What can be prepared is prepared here, once. */
export function actionHandlers(actions: readonly Action[], effects: ActionEffects): readonly Handler[] {
  return actions.map((action) => handlerOf(action, effects));
}

function handlerOf(action: Action, effects: ActionEffects): Handler {
  const { maps, printer, onExit } = effects;
  switch (action.kind) {
    case "printf":
    case "errorf":
    case "warnf":
    case "system":
    case "cat":
      return formatHandler(action, effects);
    case "print-map":
      return printMap(action, maps);
    case "map-entry": {
      const { token, key, keySize, values, valuesSize } = action.event;
      return (memory, at) =>
        maps.addEntry(
          tokenAt(memory, at + token),
          memory.u8.slice(at + key, at + key + keySize),
          memory.u8.slice(at + values, at + values + valuesSize),
        );
    }
    case "print-scalar": {
      const valueAt = valueReader(action);
      return (memory, at) => maps.printScalar(action.map, action.type, valueAt(memory, at), { div: action.div });
    }
    case "print-value":
      return printValue(action, printer);
    case "clear":
      return () => maps.clear(action.map, action.done);
    case "zero":
      return () => maps.zero(action.map, action.done);
    case "time":
      return () => printer.text("time", nowText(action.format, effects.resolver));
    case "exit":
      return (memory, at) => onExit(memory.u8[at + action.offset]);
    case "join":
      return joinStrings(action, printer);
    default:
      return unreachable(action, "action");
  }
}

function printMap({ map, top, div, take, snapshot }: ActionOf<"print-map">, maps: ActionEffects["maps"]): Handler {
  const options = { top, div };
  if (snapshot === undefined) return () => maps.print(map, options, { take });
  const { token, failed } = snapshot;
  return (memory, at) => {
    const isWhole = memory.u32[(at + failed) >>> 2] === 0;
    maps.print(map, options, { take, snapshot: tokenAt(memory, at + token), isWhole });
  };
}

/** A CPU's number and a time of 32 bits each. */
function tokenAt(memory: Memory, at: number): number {
  return memory.u32[(at >>> 2) + 1] * 2 ** 32 + memory.u32[at >>> 2];
}

function formatHandler(action: FormatAction, effects: ActionEffects): Handler {
  const { printer } = effects;
  const render = printfRenderer(action.format, action.args, effects.resolver);
  switch (action.kind) {
    case "printf":
      return (memory, at) => printer.printf(render(memory, at));
    case "errorf":
    case "warnf": {
      const { kind, at: place } = action;
      if (kind === "warnf" && !effects.warns) return () => {};
      return (memory, at) => printer.message(kind, render(memory, at), place);
    }
    case "system":
      return systemHandler(render, effects);
    case "cat":
      return catHandler(render, effects);
    default:
      return unreachable(action.kind, "format action");
  }
}

function systemHandler(render: Renderer, { printer, flush }: ActionEffects): Handler {
  return (memory, at) => {
    flush();
    printer.text("syscall", shellOutput(render(memory, at)));
    return true;
  };
}

function catHandler(render: Renderer, { printer, catBytesMax }: ActionEffects): Handler {
  return (memory, at) => {
    const path = render(memory, at);
    const read = fileStart(path, catBytesMax);
    if ("text" in read) printer.text("cat", read.text);
    else printer.error(`failed to open file '${decodeUtf8(path)}' (${read.problem})`);
  };
}

function printValue(action: ActionOf<"print-value">, printer: Printer): Handler {
  const valueAt = valueReader(action);
  return (memory, at) => printer.value(action.type, valueAt(memory, at));
}

/** Reads the value that an event carries, in its place or packed. */
function valueReader(action: ActionOf<"print-value" | "print-scalar">): Decoder {
  const { type, offset } = action;
  if (!action.packed) {
    const decode = decoder(type);
    return (memory, at) => decode(memory, at + offset);
  }
  invariant(type.kind === "string", "only strings are packed");
  return (memory, at) => {
    const word = (at + offset) >>> 2;
    const sizeBytes = Math.min(memory.u32[word + 1], type.size);
    return decoder({ kind: "string", size: sizeBytes })(memory, at + memory.u32[word]);
  };
}

function joinStrings({ separator, offset, stride, count }: ActionOf<"join">, printer: Printer): Handler {
  invariant(offset >= EVENT_HEADER_BYTES + 4, "the number of strings stands before them");
  const decode = decoder({ kind: "string", size: stride });
  return (memory, at) => {
    const there = Math.min(memory.u32[(at + offset - 4) >>> 2], count);
    const texts = Array.from({ length: there }, (_, index) => decode(memory, at + offset + index * stride));
    printer.text("join", texts.join(separator));
  };
}

/** The time at which the event is handled, not the one at which it was sent. */
export function nowText(format: string, resolver: Resolver): string {
  const unixNs = BigInt(Date.now()) * 1_000_000n;
  return strftime(format, { unixNs, ...resolver.zoneAt(unixNs) });
}
