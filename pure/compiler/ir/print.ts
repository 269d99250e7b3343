import type { Argument, Base, Func, Instr, Operand, Terminator } from "./ir.ts";

/** The IR as text, one instruction a line: for `-d ir`, tests and people. */
export function printFunc(func: Func): string {
  const params = func.params.map((reg, index) => `${func.paramNames[index]}: v${reg}`).join(", ");
  const lines = [`func ${func.name}(${params}) {`];
  func.slots.forEach((slot, index) => {
    lines.push(`  slot s${index}: ${slot.sizeBytes} align ${slot.align}`);
  });
  for (const block of func.blocks) {
    lines.push(`b${block.id}:`);
    for (const instr of block.instrs) lines.push(`  ${printInstr(instr)}`);
    lines.push(`  ${printInstr(block.end)}`);
  }
  lines.push("}");
  return lines.join("\n");
}

function operand(value: Operand): string {
  return typeof value === "number" ? `v${value}` : value.toString();
}

function base(value: Base, offset: number): string {
  const text = typeof value === "number" ? `v${value}` : `s${value.slot}`;
  return offset === 0 ? `[${text}]` : `[${text} + ${offset}]`;
}

function argument(value: Argument): string {
  if (typeof value !== "object") return operand(value);
  switch (value.kind) {
    case "slot":
      return value.offset === 0 ? `&s${value.slot}` : `&s${value.slot} + ${value.offset}`;
    case "map":
      return `&${value.map}`;
    case "map-value":
      return `&${value.map}[0] + ${value.offset}`;
    case "function":
      return `&${value.name}()`;
    case "type-id":
      return `id of ${value.tag} ${value.name}`;
  }
}

/** One instruction as text. */
export function printInstr(instr: Instr | Terminator): string {
  const result = "dst" in instr && instr.dst !== undefined ? `v${instr.dst} = ` : "";
  switch (instr.op) {
    case "copy":
      return `${result}${operand(instr.src)}`;
    case "alu":
      return `${result}${instr.alu}${instr.bits === 32 ? "32" : ""} v${instr.a}, ${operand(instr.b)}`;
    case "neg":
      return `${result}neg v${instr.a}`;
    case "extend":
      return `${result}${instr.signed ? "sext" : "zext"}${instr.bits} v${instr.a}`;
    case "swap":
      return `${result}swap${instr.bits} v${instr.a}`;
    case "load":
      return `${result}load${instr.size * 8} ${base(instr.base, instr.offset)}`;
    case "store":
      return `store${instr.size * 8} ${base(instr.base, instr.offset)}, ${operand(instr.value)}`;
    case "address":
      return `${result}${argument(instr.of)}`;
    case "call":
      return `${result}call ${instr.helper}(${instr.args.map(argument).join(", ")})`;
    case "kfunc":
    case "invoke":
      return `${result}${instr.op} ${instr.name}(${instr.args.map(argument).join(", ")})`;
    case "atomic-add":
      return `${result}atomic-add${instr.size * 8} ${base(instr.base, instr.offset)}, v${instr.value}`;
    case "jump":
      return `jump b${instr.to}`;
    case "branch":
      return `if v${instr.a} ${instr.condition}${instr.bits === 32 ? "32" : ""} ${operand(instr.b)} b${instr.then} else b${instr.else}`;
    case "return":
      return `return ${operand(instr.value)}`;
  }
}
