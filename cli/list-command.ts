import { existsSync } from "node:fs";
import { type AttachPoint, parseScript, renderDiagnostics, type Script, singleSource } from "@beetrace/compiler";
import { listProbes, MachineCatalog } from "@beetrace/tracer";
import { useColor, warn, writeError } from "./console.ts";
import { EXIT_USER } from "./failure.ts";
import type { ListInvocation } from "./invocation.ts";
import { privilegeProblem } from "./privileges.ts";
import { readScript, type ScriptSource } from "./script-source.ts";
import { printLines } from "./standard-output.ts";

/** `-l`: the probes of this machine that match a search, or those that a script's attach points stand for. */
export function listCommand(invocation: ListInvocation): number {
  const { search, program, pid, verbose, debugDirectories } = invocation;
  if (privilegeProblem("beetrace") !== undefined) warn("without root some probes cannot be seen");
  using catalog = new MachineCatalog({ pid, debugDirectories, environment: process.env });
  const list = (each: string) => listProbes(each, { verbose }, catalog);
  const source = scriptOf(program, search);
  if (source === undefined) {
    if (search !== undefined) warnOfMissingFile(search);
    printLines(list(search === undefined || search === "*" ? "" : search));
    return 0;
  }
  const { script, diagnostics } = parseScript(source.text, { params: [] });
  if (diagnostics.hasErrors) {
    writeError(renderDiagnostics(diagnostics.all, singleSource(source.name, source.text), { color: useColor() }));
    return EXIT_USER;
  }
  printLines(probesOf(script, list));
  return 0;
}

function scriptOf(program: string | undefined, search: string | undefined): ScriptSource | undefined {
  if (program !== undefined) return readScript({ kind: "text", text: program });
  if (search === undefined || !existsSync(search)) return undefined;
  return readScript({ kind: "file", path: search });
}

function warnOfMissingFile(search: string): void {
  if (!search.includes(".") || /[:*]/.test(search)) return;
  const said = `It appears that '${search}' is a filename but the file does not exist.`;
  warn(`${said} Treating '${search}' as a search pattern.`);
}

function* probesOf(script: Script, list: (search: string) => Iterable<string>): Iterable<string> {
  const seen = new Set<string>();
  for (const item of script.items) {
    if (item.kind !== "probe") continue;
    for (const attachPoint of item.attachPoints) {
      const search = searchFor(attachPoint);
      if (search === undefined || seen.has(search)) continue;
      seen.add(search);
      yield* list(search);
    }
  }
}

/** Beside the machine's probes a language has some of its own. */
const OWN_PROBES = new Set(["begin", "end", "self", "test", "bench", "watchpoint", "w", "asyncwatchpoint", "aw"]);
/** Their last part is how often they fire, not what. */
const WITH_RATE = new Set(["hardware", "h", "software", "s", "profile", "p", "interval", "i"]);

function searchFor({ parts }: AttachPoint): string | undefined {
  const [provider, ...rest] = parts.map((part) => part.text);
  const family = provider.toLowerCase();
  if (OWN_PROBES.has(family)) return undefined;
  if (WITH_RATE.has(family)) return `${family}:${rest[0] ?? ""}:`;
  return [provider, ...rest].join(":");
}
