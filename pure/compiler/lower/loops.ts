/**
 * for loops: their bodies are functions of their own, which bpf_loop and bpf_for_each_map_elem call.
 * Variables from outside are reached through pointers in an environment on the caller's stack.
 */
import { invariant } from "@beetrace/std";
import type { Statement } from "../ast.ts";
import type { VariableInfo } from "../check/model.ts";
import type { Reg } from "../ir/ir.ts";
import { storageSize } from "../semantics/storage.ts";
import { INT64, isInteger, type Type } from "../semantics/types.ts";
import { isMerged, readMerged } from "./aggregates.ts";
import { type Home, Lowerer } from "./lowerer.ts";
import { addressOf, convertPlace, parts, readScalar } from "./memory.ts";
import { type Place, shifted } from "./place.ts";

/** u64 that is odd when the body executed `return`, the rest of it what was returned; then whatever the loop itself needs; then the pointers. */
const RETURNED = 0;
const FIRST = 8;
const POINTERS = 16;

/** The lowerer of a function that is called back for each turn of a loop; the last parameter is its environment. */
export class BodyLowerer extends Lowerer {
  readonly #outer: Lowerer;
  readonly #env: Reg;
  readonly captured: VariableInfo[] = [];

  constructor(outer: Lowerer, name: string, params: readonly string[]) {
    super(outer.assembly, outer.unit, outer.program, outer.options, outer.state, name, params);
    this.#outer = outer;
    this.#env = this.params[params.length - 1];
    this.probeIndex = outer.probeIndex;
    this.start();
    this.loops.push({ onBreak: () => this.b.return(1n), onContinue: () => this.b.return(0n) });
    this.onReturn = (value) => {
      const flagged = value === undefined ? 1n : this.b.alu("or", this.b.alu("lsh", this.b.inReg(value), 1n), 1n);
      this.b.store(this.#env, RETURNED, 8, flagged);
      this.b.return(1n);
    };
  }

  /** The loop's own word of the environment. */
  first(): Reg {
    return this.b.load(this.#env, FIRST, 8);
  }

  /** A variable of an outer function is where its pointer says; one of this function is at home here. */
  override home(variable: VariableInfo): Home {
    if (this.homes.has(variable) || !this.#outer.owns(variable)) return super.home(variable);
    let index = this.captured.indexOf(variable);
    if (index < 0) index = this.captured.push(variable) - 1;
    const pointer = this.b.load(this.#env, POINTERS + index * 8, 8);
    return { kind: "place", place: { base: pointer, offset: 0, space: "bpf" } };
  }

  override owns(variable: VariableInfo): boolean {
    return this.homes.has(variable) || this.#outer.owns(variable);
  }
}

/**
 * Makes the verifier forget the values of numbers that a loop's body changes. Of a number that it knows it follows every
 * value that one turn after the other gives it (`$n += 1`), up to its limit of instructions, as soon as what comes after
 * the loop depends on the number.
 */
function forgetValues(l: Lowerer, variables: readonly VariableInfo[]): void {
  const numbers = variables.filter(
    ({ type, changedInLoop }) => changedInLoop && (isInteger(type) || type.kind === "bool"),
  );
  if (numbers.length === 0) return;
  const unknown = l.b.call("ktime_get_ns");
  for (const variable of numbers) {
    const home = l.home(variable);
    invariant(home.kind === "place", "a captured variable is in memory");
    const masked = l.b.alu("xor", readScalar(l, home.place, variable.type), unknown);
    l.store(home.place, variable.type, l.b.alu("xor", masked, unknown));
  }
}

/** Calls the helper with the environment in place, and leaves if the body did. */
function run(
  l: Lowerer,
  body: BodyLowerer,
  first: Reg | bigint,
  call: (env: { kind: "slot"; slot: number; offset: number }) => void,
): void {
  const env = l.b.slot(POINTERS + body.captured.length * 8);
  l.b.store(env, RETURNED, 8, 0n);
  l.b.store(env, FIRST, 8, first);
  body.captured.forEach((variable, index) => {
    const home = l.home(variable);
    invariant(home.kind === "place", `${variable.name} is reached from a loop and must be in memory`);
    l.b.store(env, POINTERS + index * 8, 8, addressOf(l, home.place));
  });
  forgetValues(l, body.captured);
  call({ kind: "slot", slot: env.slot, offset: 0 });
  const left = l.b.block();
  const after = l.b.block();
  const returned = l.b.load(env, RETURNED, 8);
  l.b.branch("ne", returned, 0n, left, after);
  l.b.enter(left);
  l.onReturn(l.unit.context.returnsValue ? l.b.alu("rsh", returned, 1n) : undefined);
  l.b.enter(after);
}

/** More turns are refused: BPF_MAX_LOOPS of include/linux/bpf_verifier.h. */
export const LOOP_TURNS_MAX = 1n << 23n;

/** `for $i : a..b { … }`. Requires Linux 5.17 (bpf_loop). */
export function lowerForRange(l: Lowerer, statement: Statement & { kind: "for-range" }): void {
  const from = l.b.inReg(l.scalar(statement.from));
  const to = l.scalar(statement.to);
  const name = `loop_${l.state.callbacks++}`;
  const body = new BodyLowerer(l, name, ["index", "env"]);
  body.at(statement.span);
  const variable = l.unit.variables.get(statement)!;
  const current = body.b.add(body.first(), body.b.extend(body.params[0], 32, false));
  declare(body, variable, INT64, current);
  body.block(statement.body);
  finishBody(body);
  const count = l.b.inReg(l.b.alu("sub", l.b.inReg(to), from));
  const enter = l.b.block();
  const skip = l.b.block();
  l.b.branch("sgt", count, 0n, enter, skip);
  l.b.enter(enter);
  run(l, body, from, (env) => {
    const result = l.b.call("loop", count, { kind: "function", name }, env, 0n);
    if (!staysBelowLimit(l, statement)) l.countFailure("loop", l.b.extend(result, 32, true)); // an inlined call sets 32 bits
  });
  l.b.jump(skip);
  l.b.enter(skip);
}

function staysBelowLimit(l: Lowerer, { from, to }: Statement & { kind: "for-range" }): boolean {
  const [first, end] = [l.info(from).constant, l.info(to).constant];
  return typeof first === "bigint" && typeof end === "bigint" && end - first <= LOOP_TURNS_MAX;
}

function declare(body: BodyLowerer, variable: VariableInfo, type: Type, value: Reg): void {
  const home = body.own(variable);
  if (home.kind === "reg") body.b.copy(value, home.reg);
  else body.store(home.place, type, value);
}

/** Ends it: the loop goes on. */
export function finishBody(body: BodyLowerer): void {
  body.onReturn = () => body.b.return(0n);
  body.finish();
}

/** `for $kv : @map { … }`. Requires Linux 5.13 (bpf_for_each_map_elem). */
export function lowerForMap(l: Lowerer, statement: Statement & { kind: "for-map" }): void {
  const map = l.assembly.map(statement.map.name);
  const variable = l.unit.variables.get(statement)!;
  const name = `loop_${l.state.callbacks++}`;
  const body = new BodyLowerer(l, name, ["map", "key", "value", "env"]);
  body.at(statement.span);
  const home = body.own(variable);
  invariant(home.kind === "place" && variable.type.kind === "tuple" && map.key, "a key and a value");
  const layout = parts(variable.type)!;
  const keyAt = shifted(home.place, layout.get("0")!.offset);
  const valueAt = shifted(home.place, layout.get("1")!.offset);
  const keyFrom: Place = { base: body.params[1], offset: 0, space: "bpf" };
  convertPlace(body, keyFrom, map.key, variable.type.elements[0], keyAt);
  if (isMerged(map)) {
    const key = body.temp(storageSize(map.key));
    convertPlace(body, keyFrom, map.key, map.key, key);
    body.store(valueAt, variable.type.elements[1], readMerged(body, map, key));
  } else {
    convertPlace(
      body,
      { base: body.params[2], offset: 0, space: "bpf" },
      map.value,
      variable.type.elements[1],
      valueAt,
    );
  }
  body.block(statement.body);
  finishBody(body);
  run(l, body, 0n, (env) =>
    l.b.call("for_each_map_elem", { kind: "map", map: map.name }, { kind: "function", name }, env, 0n),
  );
}
