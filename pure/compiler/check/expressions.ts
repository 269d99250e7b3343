import { errnoNamed, signalNamed, suggestionFor } from "@beetrace/std";
import type { Call, Expression, Identifier, MapAccess, TypeName, Unary } from "../ast.ts";
import type { Use } from "../builtins/builtin.ts";
import { BUILTINS } from "../builtins/index.ts";
import { isKernelFunction, kernelFunction } from "../builtins/kernel-functions.ts";
import { plainName } from "../macros/names.ts";
import { offsetOfPath } from "../semantics/field-path.ts";
import { parseNumber } from "../semantics/providers/index.ts";
import { sizeInBytes, storageSize } from "../semantics/storage.ts";
import {
  BOOL,
  INT64,
  type IntType,
  isInteger,
  literalType,
  NONE,
  pointerTo,
  stringOf,
  type Type,
  typeName,
  UINT64,
  unify,
  wrapped,
} from "../semantics/types.ts";
import { syscallNumber } from "../syscalls.ts";
import { checkField, checkIndex, checkRoom, placed, spaceOf } from "./access.ts";
import { checkCast } from "./casts.ts";
import { checkInlineCall } from "./functions.ts";
import type { Info } from "./model.ts";
import { checkBinary } from "./operators.ts";
import { checkPredicate, hasTruth } from "./predicate.ts";
import { readOperand } from "./readable.ts";
import { checkBlock, takenArm } from "./statements.ts";
import { checkTypeOperator } from "./type-operators.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** The type of an expression, with its value where that is known. */
export function checkExpression(c: UnitChecker, e: Expression): Info {
  switch (e.kind) {
    case "int":
      return { type: e.duration ? UINT64 : literalType(e.value), constant: e.value, literal: !e.duration };
    case "decimal":
      if (!c.decimalsAllowed)
        return c.error(
          e.span,
          "Decimal numbers can only be used in the arguments of printf and print: BPF has no floating point",
        );
      return { type: { kind: "decimal" } };
    case "string":
      return checkText(c, e.value, e);
    case "bool":
      return { type: BOOL, constant: e.value, literal: true };
    case "positional":
      return positional(c, e.index);
    case "positional-count":
      return constantInt(BigInt(c.script.options.params.length));
    case "identifier":
      return checkName(c, e);
    case "variable":
      return checkVariable(c, e.name, e);
    case "map":
      return checkMap(c, e);
    case "call":
      return checkCall(c, e);
    case "unary":
      return checkUnary(c, e);
    case "step":
      return checkStep(c, e);
    case "binary":
      return checkBinary(c, e);
    case "conditional":
      return checkConditional(c, e);
    case "field":
      return checkField(c, e);
    case "index":
      return checkIndex(c, e);
    case "cast":
      return checkCast(c, e);
    case "sizeof": {
      const { type, constant } = checkTypeOperand(c, e.operand);
      // The name of an enumeration's constant is a number by itself.
      const isConstant = type.kind === "enum" && constant !== undefined && e.operand.kind === "identifier";
      return constantInt(isConstant ? 8n : BigInt(sizeInBytes(type)), UINT64);
    }
    case "offsetof":
      return checkOffsetOf(c, e);
    case "tuple":
      return { type: { kind: "tuple", elements: e.elements.map((element) => elementType(c, element)) } };
    case "record":
      return checkRecord(c, e);
    case "block-expression":
      return checkBlock(c, e.block);
    case "if-expression":
      return checkIfExpression(c, e);
    case "comptime": {
      const info = c.check(e.operand);
      return info.constant === undefined ? c.error(e.span, "comptime: the value is not known at compile time") : info;
    }
    case "typeof":
    case "typeinfo":
      return checkTypeOperator(c, e);
    case "inline-call":
      return checkInlineCall(c, e);
  }
}

/** An expression or a type, among them the names of typedefs: only what they mean tells them from other names. */
function checkTypeOperand(c: UnitChecker, operand: Expression | TypeName): Info {
  const isValue = operand.kind !== "identifier" || BUILTINS.has(operand.name) || c.script.defines.has(operand.name);
  const type = isValue || c.types.constant(operand.name) ? undefined : c.types.named(operand.name);
  return type ? { type } : c.check(operand);
}

function constantInt(value: bigint, type?: Type): Info {
  return { type: type ?? literalType(value), constant: value, literal: true };
}

function checkText(c: UnitChecker, value: string, e: Expression): Info {
  if (value.length > c.config.max_strlen - 1 && !c.decimalsAllowed) {
    c.error(
      e.span,
      `String is too long (over ${c.config.max_strlen} bytes): ${value.slice(0, 40)}…`,
      "config = { max_strlen = … } raises the limit",
    );
  }
  return { type: stringOf(value.length + 1), constant: value };
}

function positional(c: UnitChecker, index: number): Info {
  const text = c.script.options.params[index - 1];
  if (text === undefined) return constantInt(0n);
  const negative = text.startsWith("-");
  const number = parseNumber(negative ? text.slice(1) : text);
  if (number !== undefined) return constantInt(negative ? -number : number);
  return { type: stringOf(text.length + 1), constant: text };
}

// ---------------------------------------------------------------- names

function checkName(c: UnitChecker, e: Identifier): Info {
  const define = c.script.defines.get(e.name);
  if (define) return c.check(define);
  if (BUILTINS.has(e.name)) return checkBuiltin(c, { node: e, name: e.name, args: [], span: e.span });
  const constant = c.types.constant(e.name);
  if (constant) return { type: constant.type, constant: constant.value };
  const meaning = c.script.options.meaningOf?.(e.name);
  if (typeof meaning === "bigint") return constantInt(meaning);
  if (meaning !== undefined) return checkText(c, meaning, e);
  const argument = /^arg(\d+)$/.exec(e.name);
  if (argument) return checkArgument(c, e, Number(argument[1]));
  const known = knownNumber(c, e.name);
  if (known !== undefined) return constantInt(BigInt(known));
  return c.unknownName(e.name, e.span);
}

/** Numbers that have the same names on every Linux: of system calls, errors and signals. */
function knownNumber(c: UnitChecker, name: string): number | undefined {
  const call = /^__NR_(\w+)$/.exec(name);
  if (call) return syscallNumber(c.target.arch, call[1]);
  return errnoNamed(name) ?? (name.startsWith("SIG") ? signalNamed(name) : undefined);
}

function checkArgument(c: UnitChecker, e: Identifier, index: number): Info {
  const { positional: args, provider } = c.context;
  if (!args)
    return c.error(
      e.span,
      `The ${e.name} builtin can only be used with 'kprobes', 'uprobes', 'rawtracepoint' and 'usdt' probes, not with "${provider}"`,
    );
  if (c.inCallback)
    return c.error(e.span, `${e.name} cannot be used inside a for-loop`, `read it into a variable before the loop`);
  const argument = args[index];
  if (!argument) return c.error(e.span, `${e.name}: the probe has ${argumentCount(args.length)}`);
  if (argument.load.kind === "usdt" && argument.load.arg.location.kind === "unknown") {
    const { text } = argument.load.arg.location;
    c.warning(
      e.span,
      `${e.name} is 0: its place in ${c.unit.attachments[0].name}, '${text}', cannot be read by a probe`,
    );
  }
  return { type: argument.type };
}

function argumentCount(count: number): string {
  if (count === 0) return "no arguments";
  return count === 1 ? "one argument, arg0" : `only arg0 to arg${count - 1}`;
}

function checkVariable(c: UnitChecker, name: string, e: Expression): Info {
  const variable = c.variable(name);
  if (!variable) return c.error(e.span, `Undefined or undeclared variable: ${plainName(name)}`);
  c.unit.variables.set(e, variable);
  variable.used = true;
  c.touch(variable);
  if (variable.type.kind === "none") {
    const hint = `assign it first, or declare its type: let ${variable.name}: uint64;`;
    c.script.unresolved.error(e.span, `${variable.name} has no type: nothing is assigned to it`, hint);
  } else if (!variable.assigned && c.loopDepth === 0) {
    c.warning(e.span, `Variable used before it was assigned: ${variable.name}`);
  }
  return { type: variable.type };
}

function checkMap(c: UnitChecker, e: MapAccess): Info {
  const map = c.script.map(e.name, e.span);
  const key = e.key ? c.check(e.key).type : undefined;
  c.script.useKey(map, key, e.span);
  c.notePresence(map, key, e.span, false);
  return { type: map.value ?? NONE };
}

function checkCall(c: UnitChecker, e: Call): Info {
  if (!BUILTINS.has(e.name) && !isKernelFunction(c, e.name)) {
    const near = suggestionFor(e.name, BUILTINS.keys());
    return c.error(e.nameSpan, `Unknown function: '${e.name}'`, ...(near ? [`did you mean ${near}?`] : []));
  }
  return checkBuiltin(c, { node: e, name: e.name, args: e.args, span: e.span });
}

function checkBuiltin(c: UnitChecker, use: Use): Info {
  const builtin = BUILTINS.get(use.name) ?? kernelFunction;
  const type = use.args.find((argument, at) => argument.kind === "type-name" && !builtin.typeArguments?.includes(at));
  if (type) return c.error(type.span, `${use.name}() expects a value, not a type`);
  const [least, most] = builtin.arity;
  const given = use.args.length;
  if (given < least || given > most) {
    const wanted =
      least === most
        ? least === 0
          ? "no arguments"
          : `${least} argument${least === 1 ? "" : "s"}`
        : given < least
          ? `at least ${least} argument${least === 1 ? "" : "s"}`
          : `up to ${most} arguments`;
    return c.error(
      use.span,
      `${use.name}() ${least === most ? "requires" : given < least ? "requires" : "takes"} ${wanted} (${given} provided)`,
      `it is written ${builtin.form}`,
    );
  }
  if (builtin.providers && !builtin.providers.includes(c.context.provider)) {
    return c.error(
      use.span,
      `${use.name} can not be used with "${c.context.provider}" probes`,
      `it can be used with ${builtin.providers.join(", ")}`,
    );
  }
  if (builtin.unsafe && !c.unsafe) {
    return c.error(use.span, `${use.name}() is unsafe. To use you need the --unsafe flag`);
  }
  if (builtin.needsContext && c.inCallback) {
    return c.error(use.span, `${use.name} cannot be used inside a for-loop`, "read it into a variable before the loop");
  }
  return builtin.check(use, c);
}

// ---------------------------------------------------------------- operators of one operand

function checkUnary(c: UnitChecker, e: Unary): Info {
  if (e.operator === "&") return addressOf(c, e);
  const info = readOperand(c, c.check(e.operand), e.operand.span);
  const { type } = info;
  if (type.kind === "none") return { type: e.operator === "!" ? BOOL : NONE };
  switch (e.operator) {
    case "!":
      if (!hasTruth(type))
        return c.error(e.span, `The ! operator can not be used on expressions of type '${typeName(type)}'`);
      return typeof info.constant === "bigint" || typeof info.constant === "boolean"
        ? { type: BOOL, constant: !info.constant, literal: info.literal }
        : { type: BOOL };
    case "-":
      return negated(c, e, info);
    case "+":
      return info;
    case "~":
      if (!isInteger(type))
        return c.error(e.span, `The ~ operator can not be used on expressions of type '${typeName(type)}'`);
      return complemented(info, type.signed ? INT64 : UINT64);
    case "*":
      return dereference(c, e, type);
  }
}

function negated(c: UnitChecker, e: Unary, info: Info): Info {
  if (info.type.kind === "decimal") return info;
  if (!isInteger(info.type) && info.type.kind !== "bool") {
    return c.error(e.span, `The - operator can not be used on expressions of type '${typeName(info.type)}'`);
  }
  if (typeof info.constant !== "bigint") return { type: INT64 };
  if (!info.literal) return { type: INT64, constant: BigInt.asIntN(64, -info.constant) };
  const value = -info.constant;
  if (value < -0x8000000000000000n) return c.error(e.span, `${value} is out of range of 64 bits`);
  return { type: literalType(value), constant: value, literal: true };
}

/** The complement of a literal is one that is not negative; that of anything else has the type of what is computed. */
function complemented({ constant, literal }: Info, type: IntType): Info {
  if (typeof constant !== "bigint") return { type };
  if (!literal) return { type, constant: wrapped(type, ~constant) };
  const value = BigInt.asUintN(64, ~constant);
  return { type: literalType(value), constant: value, literal };
}

function dereference(c: UnitChecker, e: Unary, type: Type): Info {
  if (type.kind === "pointer") {
    if (type.to.kind === "none")
      return c.error(e.span, "A void pointer cannot be dereferenced", "cast it: *(uint32*)p");
    checkRoom(c, e.span, type, storageSize(type.to));
    return { type: placed(type.to, type.space) };
  }
  // Older scripts dereference plain integers: eight bytes at that address.
  if (isInteger(type)) return { type: UINT64 };
  return c.error(e.span, `Can not dereference type '${typeName(type)}'. It needs to be a pointer.`);
}

function addressOf(c: UnitChecker, e: Unary): Info {
  const info = c.check(e.operand);
  if (e.operand.kind === "variable") {
    const variable = c.variable(e.operand.name);
    if (variable && !variable.captured) {
      variable.captured = true;
      c.script.grew = true;
    }
    return { type: { ...pointerTo(info.type, "bpf"), room: storageSize(info.type) } };
  }
  if (e.operand.kind === "field" || e.operand.kind === "index")
    return { type: pointerTo(info.type, spaceOf(c, e.operand)) };
  return c.error(e.span, "The address of this cannot be taken: only of variables and fields");
}

function checkStep(c: UnitChecker, e: Expression & { kind: "step" }): Info {
  const { operand } = e;
  if (operand.kind === "map") {
    const map = c.script.map(operand.name, operand.span);
    const key = operand.key ? c.check(operand.key).type : undefined;
    c.script.useKey(map, key, operand.span);
    c.notePresence(map, key, operand.span, true);
    if (map.value && !isInteger(map.value) && map.value.kind !== "pointer") {
      return c.error(e.span, `The ${e.operator} operator can not be used on a map of type '${typeName(map.value)}'`);
    }
    if (map.value?.kind !== "pointer") c.script.useValue(map, stepType(e, map.value ?? INT64), e.span);
    c.unit.infos.set(operand, { type: map.value ?? INT64 });
    return { type: map.value ?? INT64 };
  }
  if (operand.kind !== "variable")
    return c.error(e.span, `The ${e.operator} operator must be applied to a map or variable`);
  const info = c.check(operand);
  const variable = c.variable(operand.name);
  if (!variable) return info;
  if (info.type.kind === "pointer") return info;
  if (!isInteger(info.type))
    return c.error(
      e.span,
      `The ${e.operator} operator can not be used on expressions of type '${typeName(info.type)}'`,
    );
  c.assign(variable, { type: stepType(e, info.type) }, e.span);
  return { type: variable.type };
}

/** Rule N11: what is stepped is 64 bits wide, and signed unless an unsigned number goes up. */
function stepType(e: Expression & { kind: "step" }, type: Type): IntType {
  return isInteger(type) && !type.signed && e.operator === "++" ? UINT64 : INT64;
}

// ---------------------------------------------------------------- choices

function checkConditional(c: UnitChecker, e: Expression & { kind: "conditional" }): Info {
  checkPredicate(c, e.condition);
  const condition = c.unit.infos.get(e.condition);
  const then = e.then ? c.checkAny(e.then) : (condition ?? { type: NONE });
  const otherwise = c.checkAny(e.else);
  return chosen(c, e, readOperand(c, then, e.span), readOperand(c, otherwise, e.span), condition);
}

function chosen(c: UnitChecker, e: Expression, then: Info, otherwise: Info, condition: Info | undefined): Info {
  const type = unify(then.type, otherwise.type);
  if (!type) {
    const mismatch = `Branches must return the same type: have '${typeName(then.type)}' and '${typeName(otherwise.type)}'`;
    if (then.type.kind !== "none" && otherwise.type.kind !== "none") return c.error(e.span, mismatch);
    c.script.unresolved.error(e.span, mismatch);
    return { type: NONE };
  }
  if (condition?.constant === undefined) return { type };
  const taken = condition.constant ? then : otherwise;
  if (condition.literal && then.literal && otherwise.literal) return taken;
  const { constant } = taken;
  if (constant === undefined) return { type };
  return { type, constant: typeof constant === "bigint" && isInteger(type) ? wrapped(type, constant) : constant };
}

function checkIfExpression(c: UnitChecker, e: Expression & { kind: "if-expression" }): Info {
  if (e.if.comptime) return checkTakenArm(c, e);
  checkPredicate(c, e.if.condition);
  const then = checkBlock(c, e.if.then);
  if (!e.if.else) return { type: NONE };
  const otherwise =
    e.if.else.kind === "block"
      ? checkBlock(c, e.if.else)
      : checkIfExpression(c, { kind: "if-expression", if: e.if.else, span: e.if.else.span });
  return chosen(c, e, readOperand(c, then, e.span), readOperand(c, otherwise, e.span), undefined);
}

/** `if comptime (c) { a } else { b }`: only the arm that is taken is looked at. */
function checkTakenArm(c: UnitChecker, e: Expression & { kind: "if-expression" }): Info {
  const arm = takenArm(c, e.if);
  if (!arm) return { type: NONE };
  return arm.kind === "block"
    ? checkBlock(c, arm)
    : checkIfExpression(c, { kind: "if-expression", if: arm, span: e.span });
}

function checkOffsetOf(c: UnitChecker, e: Expression & { kind: "offsetof" }): Info {
  const { type } = checkTypeOperand(c, e.type);
  if (type.kind === "none") return { type: NONE };
  const found = offsetOfPath(type, e.path);
  if ("problem" in found) return c.error(e.span, `offsetof: ${found.problem}`);
  return found.type.kind === "none" ? { type: NONE } : constantInt(BigInt(found.offsetBytes), UINT64);
}

function elementType(c: UnitChecker, element: Expression): Type {
  const info = readOperand(c, c.check(element), element.span);
  if (info.type.kind === "decimal")
    return c.error(element.span, "A decimal number cannot be part of a tuple: BPF has no floating point").type;
  return info.type;
}

function checkRecord(c: UnitChecker, e: Expression & { kind: "record" }): Info {
  const names = new Set<string>();
  const fields = e.fields.map((field) => {
    if (names.has(field.name)) c.error(field.span, `Duplicate field '${field.name}' in record`);
    names.add(field.name);
    return { name: field.name, type: elementType(c, field.value) };
  });
  return { type: { kind: "record", fields } };
}
