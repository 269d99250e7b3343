/** What user space does for a script: printing, and ending. */
import { checkFormat, type PrintfArg } from "@beetrace/output";
import { invariant } from "@beetrace/std";
import type { Expression, MapAccess } from "../ast.ts";
import type { MapInfo } from "../check/model.ts";
import { type Action, EVENT_HEADER_BYTES } from "../compiled.ts";
import type { Operand } from "../ir/ir.ts";
import type { KernelMap } from "../lower/assembly.ts";
import { type EventFields, eventFields, sendFields } from "../lower/events.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { probeRead } from "../lower/memory.ts";
import { NO_VALUE, type Place, shifted, type Value } from "../lower/place.ts";
import { clearEntries, isReadWhole, sendEntries, zeroEntries } from "../lower/whole-maps.ts";
import { layoutOf } from "../semantics/storage.ts";
import { isAggregate, isCastable, isInteger, NONE, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";

/** A format string and its arguments cannot be more than this. */
const ARGUMENTS_MAX = 128;

function expressions(use: Use, from: number): Expression[] {
  return use.args.slice(from).filter((argument): argument is Expression => argument.kind !== "type-name");
}

function checkFormatted(use: Use, c: Checking): void {
  const format = formatOf(use, c);
  const infos = expressions(use, 1).map((argument) => ({ argument, info: c.checkPrinted(argument) }));
  for (const { argument, info } of infos) {
    if (isAggregate(info.type) && !isCastable(info.type)) {
      c.error(
        argument.span,
        `${use.name}() cannot print a value of type '${typeName(info.type)}'`,
        "print(@map) prints it",
      );
      return;
    }
  }
  if (format === undefined || infos.some(({ info }) => info.type.kind === "none")) return;
  const problem = checkFormat(
    format,
    infos.map(({ info }) => ({
      kind: isAggregate(info.type) ? "int" : info.type.kind === "decimal" ? "decimal" : layoutOf(info.type).kind,
      typeName: typeName(info.type),
    })),
  );
  if (problem) c.error(use.span, `${use.name}: ${problem.message}`);
}

function formatOf(use: Use, c: Checking): string | undefined {
  const [argument] = use.args;
  if (argument === undefined || argument.kind === "type-name") return undefined;
  const info = c.checkPrinted(argument);
  if (typeof info.constant === "string") return info.constant;
  c.error(argument.span, `${use.name}() expects a string literal as its format (${typeName(info.type)} provided)`);
  return undefined;
}

function formatted(name: "printf" | "errorf" | "warnf" | "system" | "cat", doc: string, unsafe = false): Builtin {
  return {
    name,
    form: `${name}("FORMAT", ARGUMENT…)`,
    doc,
    arity: [1, ARGUMENTS_MAX],
    ...(unsafe ? { unsafe } : {}),
    check(use, c) {
      checkFormatted(use, c);
      return { type: NONE };
    },
    lower(use, l) {
      const [formatExpression, ...args] = expressions(use, 0);
      const format = String(l.info(formatExpression).constant);
      const event = eventFields(l, args);
      const action = l.assembly.action({ kind: name, format, args: event.args, at: use.span });
      l.at(use.span);
      sendOrRefuse(l, action, event, use);
      return NO_VALUE;
    },
  };
}

/** Sends an event with these fields, or refuses one that no ring can hold. */
function sendOrRefuse(l: Lowerer, action: number, event: EventFields, use: Use): void {
  const sizeBytes = event.sizeBytes + event.packedBytes;
  if (l.assembly.fits(sizeBytes)) return sendFields(l, action, event);
  l.assembly.checker.diagnostics.error(
    use.span,
    `${use.name}(): an event of ${sizeBytes} bytes is larger than the ring buffer`,
    "config = { perf_rb_pages = … } makes it larger, max_strlen makes strings smaller",
  );
}

/** `printf("%d\n", x)`: an event with the values of the arguments, of which user space makes the text. */
export const printf = formatted(
  "printf",
  "Prints text. The format is that of C; %s prints any value, %r bytes; decimals are computed in user space.",
);
/** `errorf("…", x)`: printf with the line and column of the call. Tracing goes on. */
export const errorf = formatted("errorf", "Prints an error with its place in the script, on stderr.");
/** `warnf("…", x)`: as {@link errorf}, called a warning. */
export const warnf = formatted("warnf", "Prints a warning with its place in the script, on stderr.");
/** `system("kill %d", pid)`: run by user space when it comes to the event. Needs `--unsafe`. */
export const system = formatted("system", "Runs a shell command and prints its output.", true);
/** `cat("/proc/%d/maps", pid)`: the path is made like printf's text; `max_cat_bytes` limits what is printed. */
export const cat = formatted("cat", "Prints a file, as it is when the event is read.");

export const print: Builtin = {
  name: "print",
  form: "print(VALUE) or print(@MAP[, TOP[, DIVISOR]])",
  doc: "Prints a value, or a whole map: the TOP largest of its entries, divided by DIVISOR. A map is shown as it was when print ran; one of more than 16,384 keys as it is when the event is read.",
  arity: [1, 3],
  check(use, c) {
    const [what] = use.args;
    if (what.kind === "type-name") return c.error(what.span, "print() expects a value");
    for (const index of [1, 2]) {
      if (use.args.length <= index) continue;
      if (what.kind !== "map" || what.key)
        return c.error(
          use.span,
          `Only maps and map values can be printed with a ${index === 1 ? "top" : "divisor"}: print(@map, …)`,
        );
      const value = c.constantInt(use, index);
      if (value !== undefined && value < 0n)
        c.error(use.args[index].span, `print(): ${index === 1 ? "top" : "the divisor"} must not be negative`);
      if (value === 0n && index === 2) c.error(use.args[index].span, "print(): the divisor must not be 0");
    }
    if (what.kind === "map" && !what.key) {
      const map = c.mapArgument(use, 0);
      if (map && isShownAsItIs(map)) c.check(what);
      if (map?.value?.kind === "stats" && use.args.length > 1)
        c.warning(use.span, "print()'s top and div arguments are ignored when used on stats() maps.");
      return { type: NONE };
    }
    const info = c.checkPrinted(what);
    if (isAggregate(info.type) && !isCastable(info.type) && what.kind !== "map")
      return c.error(what.span, `print() cannot print a value of type '${typeName(info.type)}'`);
    if (isAggregate(info.type) && !isCastable(info.type))
      return c.error(
        what.span,
        `print(): one entry of a map of ${typeName(info.type)} cannot be printed`,
        "print(@map) prints all of them",
      );
    return { type: NONE };
  },
  lower(use, l) {
    const [what] = expressions(use, 0);
    if (what.kind === "map" && !what.key) {
      const number = (index: number, standard: number) => {
        const argument = use.args[index];
        return argument === undefined || argument.kind === "type-name" ? standard : Number(l.info(argument).constant);
      };
      const [top, div] = [number(1, 0), number(2, 1)];
      const take = l.isTaken(use.node);
      const map = l.assembly.map(what.name);
      if (!take && isShownAsItIs(map.info)) return sendScalar(use, l, what, div);
      sendMap(l, map, { kind: "print-map", map: what.name, top, div, ...(take ? { take } : {}) });
      return NO_VALUE;
    }
    const event = eventFields(l, [what]);
    const [arg] = event.args;
    const action = l.assembly.action(
      "decimal" in arg ? { kind: "printf", format: "%s\n", args: [arg], at: use.span } : valueAction(arg),
    );
    sendOrRefuse(l, action, event, use);
    return NO_VALUE;
  },
};

/** A map without keys whose value an event can carry: what is printed is what it was then. */
function isShownAsItIs({ keyed, declared, value }: MapInfo): boolean {
  if (keyed !== false || declared !== undefined || value === undefined) return false;
  return value.kind === "count" || value.kind === "sum" || !isAggregate(value);
}

/** The entries as they are now, and behind them what is to be done with them. */
function sendMap(l: Lowerer, map: KernelMap, print: Action & { kind: "print-map" }): void {
  if (!isReadWhole(l, map)) return l.sendBare(l.assembly.action(print));
  const { token, failed } = sendEntries(l, map, print.take ?? false);
  const snapshot = { token: EVENT_HEADER_BYTES, failed: EVENT_HEADER_BYTES + 8 };
  l.send(l.assembly.action({ ...print, snapshot }), EVENT_HEADER_BYTES + 16, (record) => {
    l.b.store(record, snapshot.token, 8, token);
    l.b.store(record, snapshot.failed, 8, failed);
  });
}

function sendScalar(use: Use, l: Lowerer, what: MapAccess, div: number): Value {
  l.assembly.shownOnly(l.assembly.map(what.name), () => {
    const event = eventFields(l, [what]);
    const [arg] = event.args;
    invariant(!("decimal" in arg), "a map holds no decimals");
    const action = l.assembly.action({ ...valueAction(arg), kind: "print-scalar", map: what.name, div });
    sendOrRefuse(l, action, event, use);
  });
  return NO_VALUE;
}

function valueAction(arg: Exclude<PrintfArg, { decimal: unknown }>) {
  return { kind: "print-value", type: arg.type, offset: arg.offset, ...(arg.packed ? { packed: true } : {}) } as const;
}

function mapAction(name: "clear" | "zero", work: (l: Lowerer, map: KernelMap) => void, doc: string): Builtin {
  return {
    name,
    form: `${name}(@MAP)`,
    doc,
    arity: [1, 1],
    check(use, c) {
      c.mapArgument(use, 0);
      return { type: NONE };
    },
    lower(use, l) {
      const [map] = use.args;
      if (map.kind !== "map" || l.isTaken(use.node)) return NO_VALUE;
      const kernelMap = l.assembly.map(map.name);
      const done = isReadWhole(l, kernelMap);
      if (done) work(l, kernelMap);
      l.sendBare(l.assembly.action({ kind: name, map: map.name, ...(done ? { done } : {}) }));
      return NO_VALUE;
    },
  };
}

/** `clear(@x)`: done by the program, or by user space where the map is too large for that. */
export const clear = mapAction(
  "clear",
  clearEntries,
  "Removes all entries of a map; behind print() of the same map in one step with it, so that no count is lost between them.",
);
/** `zero(@x)`: done where {@link clear} is. */
export const zero = mapAction("zero", zeroEntries, "Sets all values of a map to zero; its keys stay.");

export const time: Builtin = {
  name: "time",
  form: 'time(["FORMAT"])',
  doc: "Prints the time of day when the event is read, by strftime.",
  arity: [0, 1],
  check(use, c) {
    if (use.args.length > 0) c.constantString(use, 0);
    return { type: NONE };
  },
  lower(use, l) {
    const [format] = expressions(use, 0);
    l.sendBare(l.assembly.action({ kind: "time", format: format ? String(l.info(format).constant) : "%H:%M:%S\n" }));
    return NO_VALUE;
  },
};

export const exit: Builtin = {
  name: "exit",
  form: "exit([CODE])",
  doc: "Ends tracing after what was printed before it, with this exit code; the probe's action ends at once.",
  arity: [0, 1],
  check(use, c) {
    if (c.inCallback)
      return c.error(
        use.span,
        "exit() cannot be used inside a for-loop: it returns from the probe",
        "set a variable, break, and call exit() after the loop",
      );
    const [code] = expressions(use, 0);
    if (!code) return { type: NONE };
    const info = c.check(code);
    if (!isInteger(info.type) && info.type.kind !== "none")
      return c.error(code.span, `exit() only supports an integer as its code (${typeName(info.type)} provided)`);
    if (typeof info.constant === "bigint" && (info.constant < 0n || info.constant > 255n))
      return c.error(code.span, "exit(): the code must be 0 to 255");
    return { type: NONE };
  },
  lower(use, l) {
    const [code] = expressions(use, 0);
    const value: Operand = code ? l.scalar(code) : 0n;
    const action = l.assembly.action({ kind: "exit", offset: EVENT_HEADER_BYTES });
    l.send(action, EVENT_HEADER_BYTES + 8, (record) => {
      l.b.store(record, EVENT_HEADER_BYTES, 8, value);
      l.setExited();
    });
    l.onReturn();
    l.b.enter(l.b.block());
    return NO_VALUE;
  },
};

/** As in bpftrace: more of an argv is not shown. */
const JOIN_STRINGS = 16;
const JOIN_BYTES = 1024;

export const join: Builtin = {
  name: "join",
  form: 'join(STRINGS[, "SEPARATOR"])',
  doc: "Prints an array of strings, as of execve's argv, with a separator between them: at most 16 of 1024 bytes.",
  arity: [1, 2],
  check(use, c) {
    const [strings] = expressions(use, 0);
    const { type } = c.check(strings);
    if (use.args.length > 1) c.constantString(use, 1);
    if (!isInteger(type) && type.kind !== "pointer" && type.kind !== "none")
      return c.error(strings.span, `join() only supports int and pointer arguments (${typeName(type)} provided)`);
    return { type: NONE };
  },
  lower(use, l) {
    const [strings, separator] = expressions(use, 0);
    const type = l.type(strings);
    const space = type.kind === "pointer" ? type.space : "none";
    const inner =
      type.kind === "pointer" && type.to.kind === "pointer" && type.to.space !== "none" ? type.to.space : space;
    const offset = EVENT_HEADER_BYTES + 8;
    const action = l.assembly.action({
      kind: "join",
      separator: separator ? String(l.info(separator).constant) : " ",
      offset,
      stride: JOIN_BYTES,
      count: JOIN_STRINGS,
    });
    const pointers = l.b.inReg(l.scalar(strings));
    l.send(action, offset + JOIN_STRINGS * JOIN_BYTES, (record) => {
      const to: Place = { base: record, offset: 0, space: "bpf" };
      const done = l.b.block();
      l.b.store(record, offset - 8, 8, 0n);
      for (let index = 0; index < JOIN_STRINGS; index++) {
        const word = l.temp(8);
        probeRead(l, space, word, 8n, l.b.add(pointers, BigInt(index * 8)));
        const pointer = l.b.load(word.base, word.offset, 8);
        const next = l.b.block();
        l.b.branch("eq", pointer, 0n, done, next);
        l.b.enter(next);
        probeRead(l, inner, shifted(to, offset + index * JOIN_BYTES), BigInt(JOIN_BYTES), pointer, true);
        l.b.store(record, offset - 4, 4, BigInt(index + 1));
      }
      l.b.jump(done);
      l.b.enter(done);
    });
    return NO_VALUE;
  },
};
