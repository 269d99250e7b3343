/** Text in memory. */
import { invariant } from "@beetrace/std";
import type { Operand, Reg, Size } from "../ir/ir.ts";
import type { Space, Type } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { copyBytes, probeRead, zero } from "./memory.ts";
import { type Place, shifted } from "./place.ts";

/** Longer texts are copied from a constant table. */
const STORED_BYTES = 128;

/** Writes a text that is known, and zeros behind it. */
export function writeText(l: Lowerer, text: string, type: Type, to: Place): void {
  invariant(type.kind === "string", "a text is a string");
  const bytes = Uint8Array.from([...text].slice(0, type.size), (char) => char.charCodeAt(0));
  if (bytes.length > STORED_BYTES) {
    const padded = new Uint8Array((bytes.length + 8) & ~7);
    padded.set(bytes);
    const table = l.assembly.table(`text_${l.assembly.textCount++}`, padded);
    const size = Math.min(padded.length, type.size);
    copyBytes(
      l,
      to,
      { base: l.b.address({ kind: "map-value", map: table, offset: 0 }), offset: 0, space: "bpf" },
      size,
    );
    if (type.size > size) zero(l, shifted(to, size), type.size - size);
    return;
  }
  const used = Math.min(type.size, (bytes.length + 8) & ~7);
  let offset = 0;
  while (offset < used) {
    let step: Size = 8;
    while (step > used - offset || (to.offset + offset) % step !== 0) step = (step / 2) as Size;
    let word = 0n;
    for (let index = step - 1; index >= 0; index--) word = (word << 8n) | BigInt(bytes[offset + index] ?? 0);
    l.b.store(to.base, to.offset + offset, step, BigInt.asIntN(64, word));
    offset += step;
  }
  if (type.size > used) zero(l, shifted(to, used), type.size - used);
}

/** Writes the name of the probe with this index. */
export function writeProbeName(l: Lowerer, index: Operand, type: Type, to: Place): void {
  invariant(type.kind === "string", "a name is a string");
  const names = l.unit.attachments;
  if (names.length === 1) return writeText(l, names[0].name, type, to);
  const all = l.assembly.probeNames;
  const size = (Math.max(...all.map((name) => name.length)) + 8) & ~7;
  const table = l.assembly.tableOf(
    "probe_names",
    all.map((name) => Uint8Array.from([...name], (char) => char.charCodeAt(0))),
    size,
  );
  const key = l.b.slot(8, 4);
  l.b.store(key, 0, 4, index);
  const found = l.b.call("map_lookup_elem", { kind: "map", map: table }, { kind: "slot", slot: key.slot, offset: 0 });
  const there = l.b.block();
  const missing = l.b.block();
  const after = l.b.block();
  l.b.branch("ne", found, 0n, there, missing);
  l.b.enter(there);
  copyBytes(l, to, { base: found, offset: 0, space: "bpf" }, Math.min(size, type.size));
  if (type.size > size) zero(l, shifted(to, size), type.size - size);
  l.b.jump(after);
  l.b.enter(missing);
  zero(l, to, type.size);
  l.b.jump(after);
  l.b.enter(after);
}

/**
 * Reads a NUL-terminated string of at most `sizeBytes` with its NUL. With `exact`, a string that does not fit
 * fills the memory without a NUL, so that it can be seen to be cut. Gives the helper's result: the length with the NUL.
 */
export function readText(
  l: Lowerer,
  space: Space,
  pointer: Operand,
  to: Place,
  sizeBytes: number,
  exact: boolean,
): Reg {
  const length = probeRead(l, space, to, BigInt(sizeBytes), pointer, true);
  if (!exact) return length;
  const full = l.b.block();
  const after = l.b.block();
  l.b.branch("eq", length, BigInt(sizeBytes), full, after);
  l.b.enter(full);
  probeRead(l, space, shifted(to, sizeBytes - 1), 1n, l.b.add(pointer, BigInt(sizeBytes - 1)));
  l.b.jump(after);
  l.b.enter(after);
  return length;
}
