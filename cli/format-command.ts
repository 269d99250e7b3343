import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseScript, printScript, renderDiagnostics, singleSource } from "@beetrace/compiler";
import { useColor, writeError } from "./console.ts";
import { EXIT_USER } from "./failure.ts";
import type { FormatInvocation } from "./invocation.ts";
import { fileError, readScript } from "./script-source.ts";
import { printLines } from "./standard-output.ts";

/** `--fmt`: prints a script in its canonical form, or writes it to a file. Needs no privileges and no kernel. */
export function formatCommand({ script: location, output }: FormatInvocation): number {
  const source = readScript(location);
  const { script, diagnostics } = parseScript(source.text, { params: [] });
  if (diagnostics.hasErrors) {
    writeError(renderDiagnostics(diagnostics.all, singleSource(source.name, source.text), { color: useColor() }));
    return EXIT_USER;
  }
  const text = printScript(script, source.text);
  if (output === undefined) printLines([text.trimEnd()]);
  else replaceFile(output, text);
  return 0;
}

const NEW_FILE_MODE = 0o666;

/** The file has the old text or the new one, never a part. It keeps its mode; a link keeps pointing to it. */
function replaceFile(path: string, text: string): void {
  const target = realPath(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const mode = statSync(target, { throwIfNoEntry: false })?.mode;
    writeFileSync(temporary, text, { flag: "wx", mode: mode === undefined ? NEW_FILE_MODE : mode & 0o7777 });
    renameSync(temporary, target);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw fileError("write", path, cause);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // a new file
  }
}
