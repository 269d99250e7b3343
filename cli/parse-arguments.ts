import { suggestionFor } from "@beetrace/std";
import { OPTIONS, type OptionKey, type OptionSpec, optionKey } from "./option-table.ts";
import { UsageError } from "./usage-error.ts";

/** An option as it was given. */
export interface GivenOption {
  readonly key: OptionKey;
  /** As it was written: `-p` or `--pid`. */
  readonly written: string;
  /** Empty for an option that takes none. */
  readonly value: string;
}

/** A command line, taken apart. */
export interface ParsedArguments {
  readonly options: readonly GivenOption[];
  /** What is no option, in order, from before and after `--`. */
  readonly operands: readonly string[];
}

interface Found {
  readonly option: OptionSpec;
  readonly written: string;
  /** What stands behind `=` or the letter. */
  readonly attached?: string;
}

/** These say all there is to say: what follows them is not looked at. */
const LAST: ReadonlySet<OptionKey> = new Set(["help", "version"]);

/**
 * Takes a command line apart as `getopt_long` does: options and operands in any order, `--` ends the options, letters
 * may be joined (`-lv`, `-p1`), long options take `--name=value` or `--name value`. Long names are not abbreviated.
 * Throws {@link UsageError}.
 */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const options: GivenOption[] = [];
  const operands: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at];
    if (word === "--") {
      operands.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    for (const { option, written, attached } of word.startsWith("--") ? [longOption(word)] : letters(word)) {
      const key = optionKey(option);
      const value = option.argument === undefined ? "" : (attached ?? argv[++at]);
      if (value === undefined) throw new UsageError(`${written} needs an argument: ${written} ${option.argument}`);
      options.push({ key, written, value });
      if (LAST.has(key)) return { options, operands };
    }
  }
  return { options, operands };
}

function longOption(word: string): Found {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const option = (OPTIONS as readonly OptionSpec[]).find((each) => each.long === name);
  if (option === undefined) throw unknownOption(`--${name}`);
  if (equals < 0) return { option, written: `--${name}` };
  if (option.argument === undefined) throw new UsageError(`--${name} takes no argument`);
  return { option, written: `--${name}`, attached: word.slice(equals + 1) };
}

function* letters(word: string): Iterable<Found> {
  for (let at = 1; at < word.length; at++) {
    const written = `-${word[at]}`;
    const option = (OPTIONS as readonly OptionSpec[]).find((each) => each.letter === word[at]);
    if (option === undefined) throw unknownOption(written, word);
    if (option.argument === undefined) {
      yield { option, written };
    } else {
      yield at + 1 < word.length ? { option, written, attached: word.slice(at + 1) } : { option, written };
      return;
    }
  }
}

const AFTER_DASHES = "what is meant for the script goes behind --";

/** `-verbose` is more likely meant as a long option than as a row of letters. */
function unknownOption(written: string, word = written): UsageError {
  const names = (OPTIONS as readonly OptionSpec[]).flatMap(({ long }) => (long === undefined ? [] : [long]));
  const wanted = word.replace(/^-+/, "");
  const near = wanted.length > 1 ? suggestionFor(wanted, names) : undefined;
  const hint = near === undefined ? AFTER_DASHES : `did you mean --${near}? ${AFTER_DASHES}`;
  return new UsageError(`unknown option ${written}${word === written ? "" : ` in ${word}`}`, hint);
}
