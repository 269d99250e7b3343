import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { type FoldedStack, FoldedSyntaxError, flameGraph, parseFolded } from "@beetrace/output";
import { FileError, fileError } from "./script-source.ts";
import { printLines } from "./standard-output.ts";
import { UsageError } from "./usage-error.ts";

/** What `beetrace flame --help` prints. */
export const FLAME_HELP = `beetrace flame draws folded stacks as a flame graph: an SVG that opens in a browser by itself

USAGE:
    beetrace flame [OPTIONS] FOLDED > out.svg             (- is standard input)
    beetrace flame [OPTIONS] BEFORE AFTER > out.svg       (what has changed)

    FOLDED holds a stack a line, \`root;…;leaf COUNT\`, as --folded and other tools write it. Of two profiles the
    picture has the frames of the second; red ones have a larger share there than in the first, blue ones a smaller.

OPTIONS:
    -o, --output FILE         write the picture to this file
    --title TEXT              what stands above it (default: the files' names)
    --unit WORD               what was counted (default: samples)
    -h, --help                show this help
`;

interface FlameInvocation {
  readonly files: readonly string[];
  readonly output?: string;
  readonly title: string;
  readonly unit: string;
}

/** `beetrace flame`: from folded stacks to a picture. Needs no privileges and no kernel. */
export function flameCommand(argv: readonly string[]): number {
  const invocation = readFlame(argv);
  if (invocation === undefined) {
    printLines([FLAME_HELP.trimEnd()]);
    return 0;
  }
  const { files, output, title, unit } = invocation;
  const [first, second] = files.map(readStacks);
  const svg =
    second === undefined ? flameGraph(first, { title, unit }) : flameGraph(second, { title, unit, before: first });
  if (output === undefined) printLines([svg.trimEnd()]);
  else writePicture(output, svg);
  return 0;
}

/** What the arguments say; `undefined` asks for help. Throws {@link UsageError}. */
function readFlame(argv: readonly string[]): FlameInvocation | undefined {
  const { values, positionals: files } = parse(argv);
  if (values.help) return undefined;
  if (files.length < 1 || files.length > 2)
    throw new UsageError("flame takes one file of folded stacks, or two to compare");
  const { output, title = files.map((file) => basename(file)).join(" → "), unit = "samples" } = values;
  return { files, title, unit, ...(output === undefined ? {} : { output }) };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o" },
        title: { type: "string" },
        unit: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message.split(". ")[0], "beetrace flame --help shows what it takes");
  }
}

function readStacks(path: string): FoldedStack[] {
  const name = path === "-" ? "standard input" : path;
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (cause) {
    throw fileError("open", name, cause);
  }
  try {
    return parseFolded(text);
  } catch (error) {
    if (!(error instanceof FoldedSyntaxError)) throw error;
    throw new FileError(`${name}: ${error.message}`, { cause: error });
  }
}

function writePicture(path: string, svg: string): void {
  try {
    writeFileSync(path, svg);
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}
