/** Looking for one text in another. */
import { alignUp } from "@beetrace/std";
import type { Expression } from "../ast.ts";
import type { Base, BlockId, Operand, Reg } from "../ir/ir.ts";
import { Lowerer } from "./lowerer.ts";
import { addressOf } from "./memory.ts";
import type { Place } from "./place.ts";
import { copyText, knownText, textCapacity } from "./text-values.ts";

/** So many places are compared one after the other in a row; more in a loop. */
const UNROLLED_PLACES = 32;
/** Comparisons load whole words: behind a text there must be room for one. */
const WORD_BYTES = 8;

/** The environment of the loop, on the caller's stack. */
const HAYSTACK = 0;
const FOUND = 8;
const NEEDLE = 16;
const NEEDLE_LENGTH = 24;
const ENVIRONMENT_BYTES = 32;

/** Text in memory: at most `capacity` characters, `length` of which are there. */
interface Text {
  readonly place: Place;
  readonly capacity: number;
  readonly length: Reg;
}

/** Compares a needle with what is at `base` + `offset`. */
type Match = (l: Lowerer, base: Base, offset: number, yes: BlockId, no: BlockId) => void;

/**
 * The index of the first `needle` in `haystack`, -1 where there is none; an empty needle is at 0. Long haystacks
 * require Linux 5.17 (bpf_loop).
 */
export function indexOfText(l: Lowerer, haystack: Expression, needle: Expression): Operand {
  const known = knownText(l.info(needle).constant);
  return known === undefined ? indexOfUnknown(l, haystack, needle) : indexOfKnown(l, haystack, known);
}

function indexOfKnown(l: Lowerer, haystack: Expression, needle: string): Operand {
  const { length } = needle;
  const text = textOf(l, haystack, length + WORD_BYTES);
  if (length === 0) return 0n;
  const places = text.capacity - length + 1;
  if (places <= 0) return -1n;
  const match: Match = (at, base, offset, yes, no) => matchBytes(at, base, offset, needle, yes, no);
  if (places <= UNROLLED_PLACES) return searchInRow(l, text, length, places, match);
  const env = l.b.slot(ENVIRONMENT_BYTES);
  return searchInLoop(l, env, text, BigInt(length), places, match);
}

function indexOfUnknown(l: Lowerer, haystack: Expression, needle: Expression): Operand {
  const most = textCapacity(l.type(needle), l.assembly.checker.options.config.max_strlen);
  const text = textOf(l, haystack, most + WORD_BYTES);
  const sought = textOf(l, needle, WORD_BYTES);
  const env = l.b.slot(ENVIRONMENT_BYTES);
  l.b.store(env, NEEDLE, 8, addressOf(l, sought.place));
  l.b.store(env, NEEDLE_LENGTH, 8, sought.length);
  return searchInLoop(l, env, text, sought.length, text.capacity + 1, (body, base, offset, yes, no) =>
    matchText(body, body.b.add(base as Reg, BigInt(offset)), body.params[1], sought.capacity, yes, no),
  );
}

/** A copy of the text with `slackBytes` behind it that can be loaded, whatever they hold. */
function textOf(l: Lowerer, e: Expression, slackBytes: number): Text {
  const capacity = textCapacity(l.type(e), l.assembly.checker.options.config.max_strlen);
  const place = l.scratch(alignUp(capacity + 1 + slackBytes, 8));
  return { place, capacity, length: copyText(l, e, capacity, place) };
}

function searchInRow(l: Lowerer, text: Text, length: number, places: number, match: Match): Operand {
  const result = l.b.copy(-1n);
  const after = l.b.block();
  for (let index = 0; index < places; index++) {
    const [inside, found, next] = [l.b.block(), l.b.block(), l.b.block()];
    l.b.branch("ge", text.length, BigInt(index + length), inside, after);
    l.b.enter(inside);
    match(l, text.place.base, text.place.offset + index, found, next);
    l.b.enter(found);
    l.b.copy(BigInt(index), result);
    l.b.jump(after);
    l.b.enter(next);
  }
  l.b.jump(after);
  l.b.enter(after);
  return result;
}

/** The loop's body is a function of its own: the verifier looks at it once, not once for each place. */
function searchInLoop(
  l: Lowerer,
  env: { readonly slot: number },
  text: Text,
  length: Operand,
  places: number,
  match: Match,
): Operand {
  const name = `search_${l.state.callbacks++}`;
  lowerPlace(l, name, places, match);
  l.b.store(env, HAYSTACK, 8, addressOf(l, text.place));
  l.b.store(env, FOUND, 8, -1n);
  const count = l.b.add(l.b.alu("sub", text.length, length), 1n);
  const some = l.b.block();
  const after = l.b.block();
  l.b.branch("sgt", count, 0n, some, after);
  l.b.enter(some);
  l.b.call("loop", count, { kind: "function", name }, { kind: "slot", slot: env.slot, offset: 0 }, 0n);
  l.b.jump(after);
  l.b.enter(after);
  return l.b.load(env, FOUND, 8);
}

/** The function that looks at one place and ends the loop where it finds the needle. */
function lowerPlace(l: Lowerer, name: string, places: number, match: Match): void {
  const body = new Lowerer(l.assembly, l.unit, l.program, l.options, l.state, name, ["index", "env"]);
  const { b } = body;
  b.at = l.b.at;
  body.start();
  const [index, env] = body.params;
  const [inside, found, next] = [b.block(), b.block(), b.block()];
  const at = b.extend(index, 32, false);
  b.branch("lt", at, BigInt(places), inside, next);
  b.enter(inside);
  match(body, b.add(b.load(env, HAYSTACK, 8), at), 0, found, next);
  b.enter(found);
  b.store(env, FOUND, 8, at);
  b.return(1n);
  b.enter(next);
  b.return(0n);
  body.finish();
}

/** Compares with bytes that are known, a word at a time; what a last word has too much is masked away. */
function matchBytes(l: Lowerer, base: Base, offset: number, bytes: string, yes: BlockId, no: BlockId): void {
  for (let at = 0; at < bytes.length; at += WORD_BYTES) {
    const part = bytes.slice(at, at + WORD_BYTES);
    const word = [...part].reduceRight((sum, char) => (sum << 8n) | BigInt(char.charCodeAt(0) & 0xff), 0n);
    const next = l.b.block();
    l.b.branch("eq", loadPart(l, base, offset + at, part.length), BigInt.asIntN(64, word), next, no);
    l.b.enter(next);
  }
  l.b.jump(yes);
}

function loadPart(l: Lowerer, base: Base, offset: number, sizeBytes: number): Reg {
  if (sizeBytes === 1 || sizeBytes === 2 || sizeBytes === 4 || sizeBytes === 8)
    return l.b.load(base, offset, sizeBytes);
  const word = l.b.load(base, offset, 8);
  const excess = BigInt(64 - sizeBytes * 8);
  return l.b.alu("rsh", l.b.alu("lsh", word, excess), excess);
}

/** Compares with the needle of the environment, a word at a time. */
function matchText(l: Lowerer, at: Reg, env: Reg, capacity: number, yes: BlockId, no: BlockId): void {
  const { b } = l;
  const needle = b.load(env, NEEDLE, 8);
  const length = b.load(env, NEEDLE_LENGTH, 8);
  const index = b.copy(0n);
  const [loop, more, inside, part, whole, next] = Array.from({ length: 6 }, () => b.block());
  b.jump(loop);
  b.enter(loop);
  b.branch("lt", index, length, more, yes);
  b.enter(more);
  // For the verifier, which does not know how long the needle is.
  b.branch("lt", index, BigInt(capacity), inside, yes);
  b.enter(inside);
  const difference = b.alu("xor", b.load(b.add(at, index), 0, 8), b.load(b.add(needle, index), 0, 8));
  const rest = b.alu("sub", length, index);
  b.branch("lt", rest, BigInt(WORD_BYTES), part, whole);
  b.enter(part);
  const shift = b.alu("sub", 64n, b.alu("lsh", rest, 3n));
  b.branch("eq", b.alu("lsh", difference, shift), 0n, yes, no);
  b.enter(whole);
  b.branch("eq", difference, 0n, next, no);
  b.enter(next);
  b.copy(b.add(index, BigInt(WORD_BYTES)), index);
  b.jump(loop);
}
