import { Diagnostics, findParams, paramHelp, parseScript } from "@beetrace/compiler";
import { writeError } from "./console.ts";
import { EXIT_USER } from "./failure.ts";
import type { ScriptSource } from "./script-source.ts";

/** `-- --help`: the options of a script, from its calls of `getopt()`. */
export function scriptHelp(source: ScriptSource, params: readonly string[]): number {
  const { script } = parseScript(source.text, { params });
  const lines = paramHelp(findParams(script, new Diagnostics()).values());
  const said = lines.length === 0 ? ["the script has no program options"] : ["expected program options:", ...lines];
  writeError(`HINT: ${said.join("\n")}\n`);
  return EXIT_USER;
}
