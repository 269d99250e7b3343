/** Runtimes of programming languages: which one a process has, and the static probes in it. */
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { mappedFiles, seenFromHere } from "./process-files.ts";
import { type Given, type Machine, type Positional, ToolError, type ToolOption } from "./tool.ts";

/** How a runtime is known. */
interface Runtime {
  /** As people write it. */
  readonly title: string;
  /** The names of its programs and libraries. */
  readonly file: RegExp;
  /** What its probes need to be there. */
  readonly needs: string;
}

/** In the order in which they are looked for: every process has a C library. */
const RUNTIMES = {
  java: {
    title: "Java",
    file: /^libjvm\.so/,
    needs: "OpenJDK has static probes where it was configured with --enable-dtrace",
  },
  node: {
    title: "Node.js",
    file: /^(node(js)?|libnode\.so.*)$/,
    needs: "Node.js lost its static probes in version 19, and its program has no symbols here",
  },
  perl: {
    title: "Perl",
    file: /^(perl[\d.]*|libperl\.so.*)$/,
    needs: "Perl has static probes where it was configured with -Dusedtrace",
  },
  php: {
    title: "PHP",
    file: /^(php(-fpm|-cgi)?[\d.]*|libphp[\d.]*\.so.*)$/,
    needs: "PHP has static probes where it was configured with --enable-dtrace",
  },
  python: {
    title: "Python",
    file: /^(python[\d.]*|libpython[\d.]+\.so.*)$/,
    needs: "Python has static probes where it was configured with --with-dtrace, as Debian's and Fedora's are",
  },
  ruby: {
    title: "Ruby",
    file: /^(ruby[\d.]*|libruby[-\d.]*\.so.*)$/,
    needs: "Ruby has static probes where it was configured with --enable-dtrace, as Debian's is",
  },
  tcl: {
    title: "Tcl",
    file: /^(tclsh[\d.]*|wish[\d.]*|libtcl[\d.]*\.so.*)$/,
    needs: "Tcl has static probes where it was configured with --enable-dtrace",
  },
  c: { title: "C", file: /^(libc[.-].*so.*|ld-musl-.*)$/, needs: "there is no C library" },
} as const satisfies Readonly<Record<string, Runtime>>;

/** A language that is known. */
export type Language = keyof typeof RUNTIMES;

/** The one process that is traced. */
export const PID: Positional = { name: "pid", kind: "int", help: "the process" };

/** `-l LANGUAGE`; `none` stands for none of them. */
export function languageOption(languages: readonly string[]): ToolOption {
  return {
    long: "language",
    letter: "l",
    argument: "LANGUAGE",
    help: `${languages.slice(0, -1).join(", ")}${languages.length > 1 ? " or " : ""}${languages.at(-1)}; default the process's own`,
  };
}

/** How a language is called. */
export function languageTitle(language: Language): string {
  return RUNTIMES[language].title;
}

/** A process and the runtime in it. */
export interface LanguageProcess<L extends Language = Language> {
  readonly pid: number;
  /** Absent where it has none of those that were asked for. */
  readonly language: L | undefined;
}

/** The process that is asked for, and its language, given or found. Throws {@link ToolError}. */
export function languageProcess<L extends Language>(given: Given, languages: readonly L[]): LanguageProcess<L> {
  const [pid, ...more] = given.ints("pid");
  if (pid === undefined || more.length > 0) throw new ToolError("one process has to be given: its number");
  const files = runtimeFiles(pid);
  const asked = given.text("language");
  if (asked === undefined) return { pid, language: languages.find((each) => files.some((file) => isOf(file, each))) };
  if (asked === "none") return { pid, language: undefined };
  return { pid, language: known(asked, languages) };
}

/** A language of these. Throws {@link ToolError}. */
export function known<L extends Language>(name: string, languages: readonly L[]): L {
  const language = languages.find((each) => each === name);
  if (language === undefined) throw new ToolError(`--language: '${name}' is none of ${languages.join(", ")}`);
  return language;
}

/** The runtime of a process that has this probe, by its path. Throws {@link ToolError}. */
export function runtimeWith(machine: Machine, { pid, language }: LanguageProcess, probe: string): string {
  if (language === undefined)
    throw new ToolError(`process ${pid} runs no language that is known here`, "-l LANGUAGE says which it is");
  const files = runtimeFilesOf(pid, language);
  if (files.length === 0) throw new ToolError(`process ${pid} does not run ${languageTitle(language)}`);
  const found = files.find((file) => machine.hasUsdt(file, probe));
  if (found === undefined)
    throw new ToolError(`${files.join(", ")} has no static probe ${probe}`, RUNTIMES[language].needs);
  return found;
}

/** The files of a process that belong to a runtime, as we see them; none if it has ended. */
export function runtimeFilesOf(pid: number, language: Language): readonly string[] {
  return runtimeFiles(pid).filter((file) => isOf(file, language));
}

/** A process that runs a language, and the files of its runtime. */
export interface RunningLanguage<L extends Language = Language> {
  readonly pid: number;
  readonly language: L;
  readonly files: readonly string[];
}

/** The processes that run one of these languages now, but for this one. */
export function runningLanguages<L extends Language>(languages: readonly L[]): readonly RunningLanguage<L>[] {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid);
  return pids.map(Number).flatMap((pid) => {
    const all = ofLiving(() => runtimeFiles(pid), []);
    const language = languages.find((each) => all.some((file) => isOf(file, each)));
    return language === undefined ? [] : [{ pid, language, files: all.filter((file) => isOf(file, language)) }];
  });
}

function runtimeFiles(pid: number): readonly string[] {
  return mappedFiles(pid)
    .filter((file) => Object.values(RUNTIMES).some((runtime) => runtime.file.test(basename(file))))
    .map((file) => seenFromHere(pid, file));
}

function isOf(file: string, language: Language): boolean {
  return RUNTIMES[language].file.test(basename(file));
}

/** A process may end while it is looked at. */
function ofLiving<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ToolError) return otherwise;
    throw error;
  }
}
