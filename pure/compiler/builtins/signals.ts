/** Builtins that change what they watch. */
import { signalNamed } from "@beetrace/std";
import { NO_VALUE } from "../lower/place.ts";
import { isInteger, NONE, typeName } from "../semantics/types.ts";
import type { Builtin } from "./builtin.ts";
import { expressionAt } from "./use.ts";

function signalBuiltin(name: "signal" | "signal_thread", helper: string, doc: string): Builtin {
  return {
    name,
    form: `${name}(SIGNAL)`,
    doc,
    arity: [1, 1],
    unsafe: true,
    providers: [
      "kprobe",
      "kretprobe",
      "uprobe",
      "uretprobe",
      "usdt",
      "fentry",
      "fexit",
      "fmod_ret",
      "tracepoint",
      "rawtracepoint",
      "profile",
    ],
    check(use, c) {
      const argument = expressionAt(use, 0);
      const info = argument && c.check(argument);
      if (!info) return { type: NONE };
      if (typeof info.constant === "string" && signalNamed(info.constant) === undefined)
        return c.error(use.span, `${info.constant} is not a valid signal`);
      if (typeof info.constant === "bigint" && (info.constant < 1n || info.constant > 64n))
        return c.error(use.span, `${info.constant} is not a valid signal, allowed range: [1,64]`);
      if (info.constant === undefined && !isInteger(info.type) && info.type.kind !== "none") {
        return c.error(
          use.span,
          `${name}() only supports string literals and integers (${typeName(info.type)} provided)`,
        );
      }
      return { type: NONE };
    },
    lower(use, l) {
      const argument = expressionAt(use, 0)!;
      const { constant } = l.info(argument);
      l.b.call(helper, typeof constant === "string" ? BigInt(signalNamed(constant)!) : l.scalar(argument));
      return NO_VALUE;
    },
  };
}

/** `signal("KILL")` by bpf_send_signal: any thread of the process may take it. Needs `--unsafe`. */
export const signal = signalBuiltin(
  "signal",
  "send_signal",
  "Sends a signal to the current process. Requires Linux 5.3.",
);
/** `signal_thread("KILL")` by bpf_send_signal_thread. Needs `--unsafe`. */
export const signalThread = signalBuiltin(
  "signal_thread",
  "send_signal_thread",
  "Sends a signal to the current thread. Requires Linux 5.6.",
);

export const override: Builtin = {
  name: "override",
  form: "override(RESULT)",
  doc: "Makes a kernel function return RESULT at once. Requires CONFIG_BPF_KPROBE_OVERRIDE and a function that allows it.",
  arity: [1, 1],
  unsafe: true,
  needsContext: true,
  providers: ["kprobe"],
  check(use, c) {
    const argument = expressionAt(use, 0);
    const type = argument ? c.check(argument).type : NONE;
    if (!isInteger(type) && type.kind !== "none")
      return c.error(use.span, `override() only supports integers (${typeName(type)} provided)`);
    return { type: NONE };
  },
  lower(use, l) {
    l.b.call("override_return", l.context, l.scalar(expressionAt(use, 0)!));
    return NO_VALUE;
  },
};
