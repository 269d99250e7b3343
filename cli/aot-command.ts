import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeArtefact, Facts } from "@beetrace/compiler";
import { compileForHere } from "./compile-command.ts";
import { complain } from "./console.ts";
import { EXIT_USER } from "./failure.ts";
import type { RunInvocation } from "./invocation.ts";
import { fileError, type ScriptSource } from "./script-source.ts";
import { BEETRACE_VERSION } from "./version.ts";

/** What starts a compiled script: beside the command. */
const RUNTIME = "precompiled.cjs";
const EXECUTABLE = 0o755;

/** `--aot FILE`: writes the compiled script as an executable, and runs nothing. */
export function aotCommand(invocation: RunInvocation, source: ScriptSource, path: string): number {
  const facts = new Facts();
  const { compiled: script, sources } = compileForHere(invocation, source, { facts, paramsLater: true });
  if (script === undefined) return EXIT_USER;
  const address = facts.all.find(({ question }) => question === "kernel address");
  if (address !== undefined) {
    complain(
      `--aot: the address of ${address.args[0]} is another one after each boot`,
      "run the script itself, which is compiled where it runs",
    );
    return EXIT_USER;
  }
  if (script.programs.length === 0) {
    complain("No probes to attach");
    return EXIT_USER;
  }
  const artefact = encodeArtefact({ version: BEETRACE_VERSION, sources, facts: facts.all, script });
  try {
    writeFileSync(path, `${launcher()}${artefact}\n`, { mode: EXECUTABLE });
  } catch (cause) {
    throw fileError("write", path, cause);
  }
  return 0;
}

/**
 * Starts the file with the runtime of the beetrace that made it, else with that of the beetrace on the path, or with
 * what BEETRACE_RUNTIME names. The shell reads no further than `exec`.
 */
function launcher(): string {
  const own = join(fileURLToPath(new URL(".", import.meta.url)), RUNTIME);
  return `#!/bin/sh
# A script compiled by beetrace ${BEETRACE_VERSION} --aot: it needs Node.js 20.19 and beetrace, not the compiler.
runtime=\${BEETRACE_RUNTIME-${quoted(own)}}
if [ ! -f "$runtime" ]; then
  beetrace=$(command -v beetrace) || { echo "ERROR: beetrace is not here: neither $runtime nor in PATH" >&2; exit 1; }
  beetrace=$(readlink -f "$beetrace")
  runtime=\${beetrace%/*}/${RUNTIME}
  if [ ! -f "$runtime" ]; then runtime=\${beetrace%/*}/cli/dist/${RUNTIME}; fi
fi
if [ -n "\${NODE_EXTRA_CA_CERTS-}" ]; then # reading these takes longer than all else, and no connection is opened
  export BEETRACE_NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"
  unset NODE_EXTRA_CA_CERTS
fi
exec node "$runtime" "$0" "$@"
`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
