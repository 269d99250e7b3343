/** Where languages call their methods and functions: the probes, and what they say of each. */
import { basename } from "node:path";
import type { Language } from "./languages.ts";

/** A language's probes of calls. Entry and return have the same arguments. */
export interface MethodProbes {
  readonly entry: readonly string[];
  readonly return: readonly string[];
  /** The class, or the file that a function is in, a text; in a script. */
  readonly class: string;
  readonly method: string;
  /** What has to be done that calls are told at all. */
  readonly needs?: string;
  /** Another probe, without which these versions' entries are not told: part of the name of the runtime's file. */
  readonly wakesEntry?: { readonly probe: string; readonly version: RegExp };
}

/** Names in Java are not ended by NUL, their length goes with them. */
const METHODS = {
  java: {
    entry: ["method__entry"],
    return: ["method__return"],
    class: "str(arg1, (uint32)arg2 + 1)",
    method: "str(arg3, (uint32)arg4 + 1)",
    needs:
      "Java tells of calls if it was started with -XX:+ExtendedDTraceProbes (of JDK 21 and later: -XX:+DTraceMethodProbes)",
  },
  perl: { entry: ["sub__entry"], return: ["sub__return"], class: "str(arg1)", method: "str(arg0)" },
  php: {
    entry: ["function__entry"],
    return: ["function__return"],
    class: "str(arg3)",
    method: "str(arg0)",
    needs: "PHP tells of calls if USE_ZEND_DTRACE=1 is in its environment",
  },
  python: {
    entry: ["function__entry"],
    return: ["function__return"],
    class: "str(arg0)",
    method: "str(arg1)",
    // _PyEval_EvalFrameDefault() of 3.11 looks whether to tell of entries only where lines are traced.
    wakesEntry: { probe: "line", version: /3\.11/ },
  },
  ruby: {
    entry: ["method__entry", "cmethod__entry"],
    return: ["method__return", "cmethod__return"],
    class: "str(arg0)",
    method: "str(arg1)",
    needs:
      "Ruby tells of methods in C always, of those in Ruby while a TracePoint is on: TracePoint.new(:call, :return) {}.enable",
  },
  tcl: { entry: ["proc__entry"], return: ["proc__return"], class: '""', method: "str(arg0)" },
} as const satisfies Partial<Record<Language, MethodProbes>>;

/** A language whose calls can be followed. */
export type CallingLanguage = keyof typeof METHODS;

/** Those languages. */
export const CALLING_LANGUAGES = Object.keys(METHODS) as readonly CallingLanguage[];

/** The probes of a language's calls. */
export function methodProbes(language: CallingLanguage): MethodProbes {
  return METHODS[language];
}

/** The longest name of a class or a method that is told apart, with its NUL. */
export const NAME_BYTES = 80;

/** The probes of a language in its runtime. */
export interface RuntimeMethods {
  readonly file: string;
  readonly probes: MethodProbes;
}

/** A script with the probes in their places: METHOD_ENTRY, METHOD_RETURN, CLASS_NAME, METHOD_NAME. */
export function withMethodProbes(script: string, { file, probes }: RuntimeMethods): string {
  const points = (names: readonly string[]) => names.map((name) => `usdt:"${file}":*:${name}`).join(",\n");
  const places: Readonly<Record<string, string>> = {
    METHOD_ENTRY: points(probes.entry),
    METHOD_RETURN: points(probes.return),
    CLASS_NAME: probes.class,
    METHOD_NAME: probes.method,
  };
  const text = script.replace(/METHOD_ENTRY|METHOD_RETURN|CLASS_NAME|METHOD_NAME/g, (name) => places[name]);
  const { wakesEntry } = probes;
  const isAsleep = script.includes("METHOD_ENTRY") && wakesEntry?.version.test(basename(file));
  return isAsleep ? `${text}\n// Without it entries are not told.\nusdt:"${file}":*:${wakesEntry?.probe} {}\n` : text;
}

/** Calls can be counted as they end where that costs less than as they begin. */
export function cheaperToCount({ file, probes }: RuntimeMethods): "entry" | "return" {
  return probes.wakesEntry?.version.test(basename(file)) ? "return" : "entry";
}

/** A method as people write it. */
export function methodTitle(className: string, method: string): string {
  return `${className}.${method}`;
}
