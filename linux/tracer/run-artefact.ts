import type { CollectionSpec } from "@beetrace/bytecode";
import { type Artefact, askAgain, encodeParams, type Fact, PARAMS_MAP, readParams } from "@beetrace/compiler";
import { runWith } from "./run.ts";
import type { RunOptions } from "./run-options.ts";
import type { Streams } from "./streams.ts";
import type { LiveTarget } from "./target.ts";

/** How a compiled script is run. */
export type ArtefactOptions = Omit<RunOptions, "source" | "sourceName">;

/** Of many differences, so many are told. */
const DIFFERENCES_SHOWN = 5;

/**
 * Runs a script that was compiled before, if all that it takes for granted of the machine holds on this one. Gives the
 * exit code.
 */
export function runArtefact({ script, facts, sources }: Artefact, options: ArtefactOptions): Promise<number> {
  const [{ name, text }] = sources;
  const settings = { ...options, source: text, sourceName: name };
  return runWith(settings, (target, _traced, streams) => {
    streams.source = { ...streams.source, sources };
    const differences = differencesFrom(facts, target);
    if (differences.length > 0) return refuse(streams, differences);
    const values = readParams(script.params, options.namedParams ?? []);
    if ("message" in values) return say(streams, values.message, values.hints);
    if (script.params.length === 0) return script;
    return { ...script, collection: withParams(script.collection, encodeParams(script.params, values)) };
  });
}

function differencesFrom(facts: readonly Fact[], target: LiveTarget): string[] {
  const answers = askAgain(facts, target);
  return facts.flatMap((fact, index) => {
    const now = answers[index];
    // What a kernel can do beyond what was used is no harm.
    if (now === fact.answer || (fact.question === "feature" && fact.answer === "no")) return [];
    const what = [fact.question, ...fact.args].join(" ");
    return [`${what}: ${fact.answer || "none"} there, ${now || "none"} here`];
  });
}

function refuse(streams: Streams, differences: readonly string[]): undefined {
  const rest = differences.length - DIFFERENCES_SHOWN;
  const shown = [...differences.slice(0, DIFFERENCES_SHOWN), ...(rest > 0 ? [`and ${rest} more`] : [])];
  const hint = "compile the script on this machine: beetrace --aot FILE SCRIPT";
  return say(streams, `this was compiled for another machine:\n  ${shown.join("\n  ")}`, [hint]);
}

function say({ err }: Streams, message: string, hints: readonly string[]): undefined {
  err.writeUnicode([`ERROR: ${message}`, ...hints.map((hint) => `HINT: ${hint}`), ""].join("\n"));
}

function withParams(collection: CollectionSpec, contents: Uint8Array): CollectionSpec {
  const maps = collection.maps.map((map) => (map.name === PARAMS_MAP ? { ...map, contents: [contents] } : map));
  return { ...collection, maps };
}
