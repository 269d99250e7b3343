/** Signals as options name them and columns show them. */
import { constants } from "node:os";
import { signalNamed } from "@beetrace/std";
import { ToolError } from "./tool.ts";

/** Signals by number or name, `9,TERM`, as bits by number; 0 without a list. Throws {@link ToolError}. */
export function signalMask(list: string | undefined): bigint {
  if (list === undefined) return 0n;
  return list.split(",").reduce((mask, word) => mask | (1n << BigInt(signalNumber(word))), 0n);
}

function signalNumber(word: string): number {
  const number = /^\d+$/.test(word) ? Number(word) : signalNamed(word.replace(/^SIG/, ""));
  if (number === undefined || number > 62) throw new ToolError(`--signal: there is no signal '${word}'`);
  return number;
}

/** The name without `SIG`; synonyms (`IOT`, `POLL`) come after the names that are meant. */
export function signalWord(number: number): string | undefined {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return name?.slice("SIG".length);
}
