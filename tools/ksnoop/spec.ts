/** Which functions are traced, and which of their values: `ip_send_skb(skb->len > 128, return)`. */
import { type Machine, type Prototype, ToolError } from "../tool.ts";

/** A value that is shown. */
export interface Shown {
  /** As it was asked for: `skb`, `skb->len`, `return`. */
  readonly name: string;
  readonly when: "entry" | "return";
  /** Of the parameter, by number; absent for the result. */
  readonly parameter?: number;
  readonly member?: string;
  /** In C; not known of members. */
  readonly type?: string;
  /** What it points to can be shown as well. */
  readonly isFollowed: boolean;
  /** Only calls of which this holds: `> 128`. */
  readonly predicate?: string;
}

/** A function that is traced. */
export interface Traced {
  readonly name: string;
  readonly prototype: Prototype;
  readonly shown: readonly Shown[];
  /** What it had at its entry is told at its return, as that decides whether it is told at all. */
  readonly waits: boolean;
}

/** Reads such a text. Throws {@link ToolError}. */
export function readTraced(text: string, machine: Machine): Traced {
  const [, name, list] = /^\s*(\w[\w.]*)\s*(?:\((.*)\))?\s*$/s.exec(text) ?? [];
  if (name === undefined) throw new ToolError(`'${text}' is no function`, "write name or name(argument, return)");
  const prototype = machine.prototype(name);
  if (prototype === undefined)
    throw new ToolError(
      `there is no function '${name}' that can be traced with its types`,
      "see beetrace -l 'fentry:*'",
    );
  const shown =
    list === undefined ? allOf(prototype, machine) : list.split(",").map((each) => one(each, name, prototype, machine));
  const has = (when: Shown["when"]) => shown.some((value) => value.when === when);
  const waits = shown.some(({ predicate }) => predicate !== undefined) && has("entry") && has("return");
  return { name, prototype, shown, waits };
}

function allOf({ parameters, result }: Prototype, machine: Machine): readonly Shown[] {
  const entry = parameters.map(({ name, type }, parameter): Shown => {
    return { name, when: "entry", parameter, type, isFollowed: isFollowed(type, machine) };
  });
  return result === undefined ? entry : [...entry, resultOf(result, machine)];
}

function resultOf(type: string, machine: Machine): Shown {
  return { name: "return", when: "return", type, isFollowed: isFollowed(type, machine) };
}

const VALUE = /^\s*(\w+)\s*(?:->\s*(\w+)\s*)?(?:(==|!=|>=|<=|>|<)\s*(-?(?:0x[0-9a-fA-F]+|\d+))\s*)?$/;

function one(text: string, func: string, { parameters, result }: Prototype, machine: Machine): Shown {
  const [, name, member, operator, number] = VALUE.exec(text) ?? [];
  if (name === undefined)
    throw new ToolError(`${func}: '${text.trim()}' is no argument`, "write arg, arg->member, arg > 5");
  const predicate = operator === undefined ? {} : { predicate: `${operator} ${number}` };
  if (name === "return") {
    if (result === undefined) throw new ToolError(`${func} returns nothing`);
    return { ...resultOf(result, machine), ...memberOf(name, member), ...predicate };
  }
  const parameter = parameters.findIndex((each) => each.name === name);
  if (parameter < 0)
    throw new ToolError(
      `${func} has no argument '${name}'`,
      `it has ${parameters.map((each) => each.name).join(", ")}`,
    );
  const { type } = parameters[parameter];
  const whole: Shown = { name, when: "entry", parameter, type, isFollowed: isFollowed(type, machine) };
  return { ...whole, ...memberOf(name, member), ...predicate };
}

function memberOf(name: string, member: string | undefined): Partial<Shown> {
  return member === undefined ? {} : { name: `${name}->${member}`, member, isFollowed: false };
}

/** Larger ones are not copied with each event. */
const BYTES_MAX = 1024;
const INTEGER =
  /^(?:(?:long|short|unsigned|signed|int)(?: (?:long|short|unsigned|signed|int))*|loff_t|s?size_t|u?int\d+_t|[us]\d+|bool)$/;

function isFollowed(type: string, machine: Machine): boolean {
  const [, target] = /^(?:const )?([^*]*?) ?\*$/.exec(type) ?? [];
  if (target === undefined) return false;
  const [, struct] = /^(?:struct|union) (\w+)$/.exec(target) ?? [];
  if (struct === undefined) return INTEGER.test(target);
  const size = machine.structSize(struct) ?? 0;
  return size > 0 && size <= BYTES_MAX;
}
