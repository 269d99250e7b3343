import { writeFileSync } from "node:fs";
import { disassembleProgram, writeObject } from "@beetrace/bytecode";
import { type CompiledScript, type CompileOptions, type Func, parseScript, printFunc } from "@beetrace/compiler";
import type { RunInvocation } from "./invocation.ts";
import { printTree } from "./print-tree.ts";
import { fileError, type ScriptSource } from "./script-source.ts";
import { printLines } from "./standard-output.ts";

/** What watches a compilation. An object file has no place for the types of one kernel, so that none is named in it. */
export interface StageHooks extends Pick<CompileOptions, "kernelReads"> {
  readonly onFunc: (func: Func) => void;
  readonly onCompiled: (compiled: CompiledScript) => void;
}

/** Prints the stages that `-d` names, and writes what `--emit-asm` and `--emit-elf` ask for. The syntax tree is printed at once. */
export function stageHooks(
  source: ScriptSource,
  { stages, params, emitAsm, emitElf }: Pick<RunInvocation, "stages" | "params" | "emitAsm" | "emitElf">,
): StageHooks {
  if (stages.has("ast")) print("ast", printTree(parseScript(source.text, { params }).script));
  return {
    ...(emitElf === undefined ? {} : { kernelReads: "typed" }),
    onFunc(func) {
      if (stages.has("ir")) print("ir", printFunc(func).split("\n"));
    },
    onCompiled(compiled) {
      if (stages.has("types")) print("types", mapTypes(compiled));
      if (stages.has("bytecode")) print("bytecode", disassembly(compiled));
      if (emitAsm !== undefined) writeFile(emitAsm, [...disassembly(compiled)].join("\n"));
      if (emitElf !== undefined) writeFile(emitElf, writeObject(compiled.collection));
    },
  };
}

function print(stage: string, lines: Iterable<string>): void {
  printLines([`-- ${stage} --`, ...lines, ""]);
}

function* mapTypes({ maps }: CompiledScript): Iterable<string> {
  for (const { layout } of maps) {
    const key = layout.key === undefined ? "" : `[${JSON.stringify(layout.key)}]`;
    yield `${layout.name}${key}: ${JSON.stringify(layout.value)}`;
  }
}

function* disassembly({ collection }: CompiledScript): Iterable<string> {
  for (const program of collection.programs) {
    yield `program ${program.name} (${program.type})`;
    yield* disassembleProgram(program);
    yield "";
  }
}

function writeFile(path: string, contents: string | Uint8Array): void {
  try {
    writeFileSync(path, contents);
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}
