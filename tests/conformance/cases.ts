import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One case: a script and what it is to say. The format is described in README.md. */
export interface Case {
  /** The file's name without its ending. */
  readonly theme: string;
  readonly name: string;
  /** Of its NAME line, from 1. */
  readonly line: number;
  readonly program: string;
  readonly params: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly format: "text" | "json";
  /** 0 `--no-warnings`, 1, 2 `-k`. */
  readonly warningLevel: 0 | 1 | 2;
  /** All of stdout, without the empty lines around it. */
  readonly expect?: string;
  /** A regular expression that the whole of stdout matches. */
  readonly expectPattern?: string;
  /** Lines that stderr holds. */
  readonly expectStderr: readonly string[];
  /** Messages of the errors that the compiler finds; such a script does not run. */
  readonly errors: readonly string[];
  /** Messages of the compiler's warnings; undefined: any. */
  readonly warnings?: readonly string[];
  readonly exitCode: number;
}

const DIRECTIVES = [
  "NAME",
  "PROG",
  "PARAMS",
  "ENV",
  "FORMAT",
  "LEVEL",
  "EXPECT",
  "EXPECT_REGEX",
  "EXPECT_STDERR",
  "ERROR",
  "WARNING",
  "EXIT",
];
const DIRECTIVE = new RegExp(`^(${DIRECTIVES.join("|")})(?: (.*))?$`);

type Fields = Map<string, string[]>;

/** The text of a case file cannot be read. */
export class CaseError extends Error {
  override readonly name = "CaseError";
}

/** Parses a case file. Throws {@link CaseError}. */
export function parseCases(text: string, theme: string): Case[] {
  const cases: Case[] = [];
  let fields: Fields | undefined;
  let start = 0;
  let current: string[] | undefined;
  const finish = () => {
    if (fields) cases.push(makeCase(fields, theme, start));
  };
  text.split("\n").forEach((line, index) => {
    const match = DIRECTIVE.exec(line);
    if (!match) {
      if (current && !line.startsWith("# ")) current.push(line);
      else if (line !== "" && !line.startsWith("#"))
        throw new CaseError(`${theme}:${index + 1}: text before the first NAME`);
      return;
    }
    const [, directive, rest] = match;
    if (directive === "NAME") {
      finish();
      fields = new Map();
      start = index + 1;
    }
    if (!fields) throw new CaseError(`${theme}:${index + 1}: ${directive} before the first NAME`);
    current = fields.get(directive) ?? [];
    if (rest !== undefined) current.push(rest);
    fields.set(directive, current);
  });
  finish();
  return cases;
}

function makeCase(fields: Fields, theme: string, line: number): Case {
  const joined = (directive: string) =>
    fields
      .get(directive)
      ?.join("\n")
      .replace(/^\n+|\n+$/g, "");
  const lines = (directive: string) => fields.get(directive)?.filter((text) => text !== "");
  const name = joined("NAME") ?? "";
  const program = joined("PROG");
  if (program === undefined) throw new CaseError(`${theme}:${line}: ${name} has no PROG`);
  const [expect, expectPattern] = [joined("EXPECT"), joined("EXPECT_REGEX")];
  const errors = lines("ERROR") ?? [];
  const expectations = [expect, expectPattern, errors[0], lines("EXPECT_STDERR"), lines("WARNING"), joined("EXIT")];
  if (expectations.every((each) => each === undefined))
    throw new CaseError(`${theme}:${line}: ${name} expects nothing`);
  return {
    theme,
    name,
    line,
    program,
    params: splitWords(joined("PARAMS") ?? ""),
    environment: Object.fromEntries(
      (lines("ENV") ?? []).map((text) => text.split(/=(.*)/s).slice(0, 2) as [string, string]),
    ),
    format: joined("FORMAT") === "json" ? "json" : "text",
    warningLevel: Number(joined("LEVEL") ?? "1") as Case["warningLevel"],
    ...(expect === undefined ? {} : { expect }),
    ...(expectPattern === undefined ? {} : { expectPattern }),
    expectStderr: lines("EXPECT_STDERR") ?? [],
    errors,
    ...(fields.has("WARNING") ? { warnings: lines("WARNING")! } : {}),
    exitCode: Number(joined("EXIT") ?? "0"),
  };
}

/** Words as a shell splits them, with double quotes. */
function splitWords(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]);
}

const FOLDER = fileURLToPath(new URL("cases", import.meta.url));

/** All cases, by theme. */
export function loadCases(): Map<string, Case[]> {
  const files = readdirSync(FOLDER)
    .filter((file) => file.endsWith(".txt"))
    .sort();
  return new Map(
    files.map((file) => {
      const theme = basename(file, ".txt");
      return [theme, parseCases(readFileSync(join(FOLDER, file), "utf8"), theme)];
    }),
  );
}
