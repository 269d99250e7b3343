import { writeFileSync } from "node:fs";
import { disassembleProgram } from "@beetrace/bytecode";
import { type CompiledScript, type Func, parseScript, printFunc } from "@beetrace/compiler";
import type { RunInvocation } from "./invocation.ts";
import { printTree } from "./print-tree.ts";
import { fileError, type ScriptSource } from "./script-source.ts";
import { printLines } from "./standard-output.ts";

/** What watches a compilation. */
export interface StageHooks {
  readonly onFunc: (func: Func) => void;
  readonly onCompiled: (compiled: CompiledScript) => void;
}

/** Prints the stages that `-d` names, and writes what `--emit-asm` asks for. The syntax tree is printed at once. */
export function stageHooks(
  source: ScriptSource,
  { stages, params, emitAsm }: Pick<RunInvocation, "stages" | "params" | "emitAsm">,
): StageHooks {
  if (stages.has("ast")) print("ast", printTree(parseScript(source.text, { params }).script));
  return {
    onFunc(func) {
      if (stages.has("ir")) print("ir", printFunc(func).split("\n"));
    },
    onCompiled(compiled) {
      if (stages.has("types")) print("types", mapTypes(compiled));
      if (stages.has("bytecode")) print("bytecode", disassembly(compiled));
      if (emitAsm !== undefined) writeAsm(emitAsm, compiled);
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

function writeAsm(path: string, compiled: CompiledScript): void {
  try {
    writeFileSync(path, [...disassembly(compiled)].join("\n"));
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}
