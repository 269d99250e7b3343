/** A compiled script as text: what `--aot` writes, and what is read where it is started. */
import { decodeInstructions, encodeInstructions, type Instruction, type ProgramSpec } from "@beetrace/bytecode";
import type { CompiledScript } from "./compiled.ts";
import type { Fact } from "./facts.ts";
import type { Sources } from "./sources.ts";

/** Everything that a start needs without the compiler. */
export interface Artefact {
  /** The version of beetrace that made it: the parts of a script may differ from one to the next. */
  readonly version: string;
  /** The script and what it imports, for messages; the first is the script. */
  readonly sources: Sources;
  /** What must hold on the machine that it is started on. */
  readonly facts: readonly Fact[];
  readonly script: CompiledScript;
}

/** The text is none that {@link encodeArtefact} made. */
export class ArtefactError extends Error {
  override readonly name = "ArtefactError";
}

const FORMAT = "beetrace script 1";

/**
 * One line of JSON. What JSON has no form for stands as an object of one field: `{"$int": "5"}` and, in hexadecimal,
 * `{"$bytes": "00ff"}`; the instructions of a program are bytes, as the kernel takes them.
 */
export function encodeArtefact({ script, ...rest }: Artefact): string {
  const programs = script.collection.programs.map(({ instructions, source, ...program }) => ({
    ...program,
    file: rest.sources.findIndex(({ name }) => name === source?.name),
    code: encodeInstructions(instructions),
  }));
  const stored = { ...script, collection: { ...script.collection, programs } };
  return JSON.stringify({ format: FORMAT, ...rest, script: stored }, (_key, value: unknown) => {
    if (typeof value === "bigint") return { $int: value.toString() };
    return value instanceof Uint8Array ? { $bytes: toHex(value) } : value;
  });
}

/** Reads what {@link encodeArtefact} wrote. Throws {@link ArtefactError} for anything else. */
export function decodeArtefact(text: string): Artefact {
  const { format, ...artefact } = parse(text);
  if (format !== FORMAT) throw new ArtefactError(`this is no '${FORMAT}'`);
  if (!isStored(artefact)) throw new ArtefactError("the compiled script is damaged");
  const { script, sources } = artefact;
  const programs = script.collection.programs.map(({ code, file, ...program }): ProgramSpec => {
    const { name, text } = sources[file] ?? sources[0];
    return { ...program, source: { name, text }, instructions: instructionsOf(code) };
  });
  return { ...artefact, script: { ...script, collection: { ...script.collection, programs } } };
}

function instructionsOf(code: Uint8Array): Instruction[] {
  try {
    return decodeInstructions(code);
  } catch (cause) {
    throw new ArtefactError("a program of the compiled script is damaged", { cause });
  }
}

type StoredProgram = Omit<ProgramSpec, "instructions" | "source"> & {
  readonly code: Uint8Array;
  /** Which of the sources. */
  readonly file: number;
};
type StoredScript = Omit<CompiledScript, "collection"> & {
  readonly collection: Omit<CompiledScript["collection"], "programs"> & { readonly programs: readonly StoredProgram[] };
};
type Stored = Omit<Artefact, "script"> & { readonly script: StoredScript };

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text, revived);
  } catch (cause) {
    throw new ArtefactError("the compiled script is damaged", { cause });
  }
  return isObject(value) ? value : {};
}

function revived(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  if (typeof value.$int === "string") return BigInt(value.$int);
  return typeof value.$bytes === "string" ? fromHex(value.$bytes) : value;
}

/** Looks at what is used here; the rest is as the version that wrote it left it. */
function isStored(value: object): value is Stored {
  if (!("version" in value && "sources" in value && "facts" in value && "script" in value)) return false;
  const { sources, script } = value;
  if (typeof value.version !== "string" || !Array.isArray(value.facts) || !isObject(script)) return false;
  if (!Array.isArray(sources) || sources.length === 0 || !sources.every(isFile)) return false;
  const { collection } = script;
  if (!isObject(collection) || !Array.isArray(collection.maps) || !Array.isArray(collection.programs)) return false;
  const lists = [script.programs, script.actions, script.maps, script.packetFiles, script.probeNames, script.params];
  return lists.every(Array.isArray) && collection.programs.every(isStoredProgram);
}

function isFile(file: unknown): boolean {
  return (
    isObject(file) && typeof file.name === "string" && typeof file.text === "string" && typeof file.base === "number"
  );
}

function isStoredProgram(program: unknown): boolean {
  return isObject(program) && program.code instanceof Uint8Array && program.code.length % 8 === 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
