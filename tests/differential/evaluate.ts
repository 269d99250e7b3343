/** The oracle: what expressions give, by the rules N2 to N12 and O1 to O12. */
import { type Callee, comparedAs, type Expression, holds, type Place } from "./expressions.ts";
import { convert, type IntType, type Type, type Value, wrap } from "./types.ts";

/** Where variables and maps are kept. */
export interface Store {
  /** A map's missing element reads as zero of this type. */
  read(place: Place, type: Type, key: Value | undefined): Value;
  write(place: Place, value: Value, key: Value | undefined): void;
  /** A store for the body of a function, which sees its parameters and the maps. */
  called(callee: Callee, args: readonly Value[]): Store;
}

/** What `e` gives, as a value of its type; both operands are evaluated from left to right. */
export function evaluate(e: Expression, store: Store): Value {
  switch (e.kind) {
    case "number":
    case "truth":
    case "text":
      return e.value;
    case "read":
      return store.read(e.place, e.type, keyOf(e, store));
    case "cast":
      return castValue(e.type, evaluate(e.of, store));
    case "unary":
      return unary(e, store);
    case "arithmetic":
      return arithmeticValue(e, store);
    case "comparison":
      return compared(e, evaluate(e.left, store), evaluate(e.right, store));
    case "logic":
      return e.operator === "&&"
        ? isTrue(evaluate(e.left, store)) && isTrue(evaluate(e.right, store))
        : isTrue(evaluate(e.left, store)) || isTrue(evaluate(e.right, store));
    case "choice": {
      const arm = isTrue(evaluate(e.condition, store)) ? (e.then ?? e.condition) : e.else;
      return convert(e.type, evaluate(arm, store));
    }
    case "tuple":
      return e.elements.map((element) => evaluate(element, store));
    case "part":
      return (evaluate(e.of, store) as readonly Value[])[e.index];
    case "byte": {
      const string = evaluate(e.of, store) as string;
      const at = Number(evaluate(e.index, store));
      return wrap(e.type as IntType, BigInt(at < string.length ? string.charCodeAt(at) : 0));
    }
    case "strncmp": {
      const [a, b] = [evaluate(e.left, store) as string, evaluate(e.right, store) as string];
      return a.slice(0, e.count) === b.slice(0, e.count);
    }
    case "block":
      return evaluate(e.value, store);
    case "step":
      return stepped(e, store);
    case "call": {
      const args = e.args.map((argument, index) => convert(e.callee.params[index], evaluate(argument, store)));
      return convert(e.type, evaluate(e.callee.body, store.called(e.callee, args)));
    }
    case "macro":
      return evaluate(e.expansion, store);
  }
}

/** The key of a place as its map holds it. */
function keyOf(e: { readonly place: Place; readonly keyType?: Type }, store: Store): Value | undefined {
  return e.place.key && e.keyType && convert(e.keyType, evaluate(e.place.key, store));
}

/** N12, O5. */
export function isTrue(value: Value): boolean {
  return Boolean(value);
}

/** T20, T23. */
function castValue(type: Type, value: Value): Value {
  if (type.kind === "bool") return isTrue(value);
  return type.kind === "int" ? wrap(type, BigInt(value as bigint | boolean)) : value;
}

function unary(e: Expression & { kind: "unary" }, store: Store): Value {
  const value = evaluate(e.of, store);
  if (e.operator === "!") return !isTrue(value);
  const number = value as bigint;
  return wrap(e.type as IntType, e.operator === "-" ? -number : ~number);
}

function arithmeticValue(e: Expression & { kind: "arithmetic" }, store: Store): Value {
  if (e.literal !== undefined) return e.literal;
  const left = evaluate(e.left, store) as bigint;
  const right = evaluate(e.right, store) as bigint;
  return wrap(e.type as IntType, computed(e.operator, left, right));
}

/** N7 to N9: division, remainder and right shift are unsigned; dividing by zero gives 1; six bits of a shift count. */
export function computed(operator: (Expression & { kind: "arithmetic" })["operator"], a: bigint, b: bigint): bigint {
  const [left, right] = [BigInt.asUintN(64, a), BigInt.asUintN(64, b)];
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0n ? 1n : left / right;
    case "%":
      return right === 0n ? 1n : left % right;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "<<":
      return left << (right & 63n);
    case ">>":
      return left >> (right & 63n);
  }
}

function compared(e: Expression & { kind: "comparison" }, left: Value, right: Value): boolean {
  if (typeof e.literal === "boolean") return e.literal;
  const type = comparedAs(e.left, e.right);
  if (type) return holds(e.operator, wrap(type, left as bigint), wrap(type, right as bigint));
  return (JSON.stringify(left, bigintAsText) === JSON.stringify(right, bigintAsText)) === (e.operator === "==");
}

/** For JSON.stringify: values become texts that are equal when they are. */
export function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

function stepped(e: Expression & { kind: "step" }, store: Store): Value {
  const key = keyOf(e, store);
  const type = e.stored as IntType;
  const before = store.read(e.place, type, key) as bigint;
  const after = wrap(type, e.operator === "++" ? before + 1n : before - 1n);
  store.write(e.place, after, key);
  return e.prefix ? after : before;
}
