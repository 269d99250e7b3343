/** Elements of maps that have a value on each CPU. */
import { invariant } from "@beetrace/std";
import type { Expression } from "../ast.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import type { KernelMap } from "./assembly.ts";
import type { Lowerer } from "./lowerer.ts";
import { addAgain, BPF_NOEXIST, lookup, update } from "./maps.ts";
import type { Place } from "./place.ts";

/** The only element of a per-CPU array: the lookup cannot fail, but the verifier wants it checked. */
export function perCpuElement(l: Lowerer, map: KernelMap): Reg {
  const key = l.b.slot(8, 4);
  l.b.store(key, 0, 4, 0n);
  const found = l.b.call(
    "map_lookup_elem",
    { kind: "map", map: map.name },
    { kind: "slot", slot: key.slot, offset: 0 },
  );
  const missing = l.b.block();
  const there = l.b.block();
  l.b.branch("eq", found, 0n, missing, there);
  l.b.enter(missing);
  l.b.return(0n);
  l.b.enter(there);
  return found;
}

/** Changes the value that this CPU has at a key; a missing one is made first. */
export function mergeOrMake(
  l: Lowerer,
  map: KernelMap,
  key: Place,
  span: Expression["span"],
  mergeInto: (found: Reg) => void,
  init: (fresh: Place) => void,
): void {
  const there = l.b.block();
  const missing = l.b.block();
  const after = l.b.block();
  const found = lookup(l, map, key);
  l.b.branch("ne", found, 0n, there, missing);
  l.b.enter(there);
  mergeInto(found);
  l.b.jump(after);
  l.b.enter(missing);
  const fresh = l.temp(map.spec.valueSize);
  init(fresh);
  addAgain(l, map, key, update(l, map, key, fresh, span, BPF_NOEXIST), span, mergeInto);
  l.b.jump(after);
  l.b.enter(after);
}

/** The key of a bucket: the user's part, zeros up to where the bucket stands, and the bucket, if it is known. */
export function bucketKey(l: Lowerer, map: KernelMap, user: Place | undefined, bucket?: Operand): Place {
  const { bucketOffset } = map;
  invariant(bucketOffset !== undefined, "only maps of buckets have such keys");
  const key = user ?? l.temp(map.spec.keySize);
  for (let at = l.assembly.keyBytes(map); at < bucketOffset; at++) l.b.store(key.base, key.offset + at, 1, 0n);
  if (bucket !== undefined) l.b.store(key.base, key.offset + bucketOffset, 8, bucket);
  return key;
}

/** A loop over the numbers from 0, which the verifier follows to its end. */
export function repeat(l: Lowerer, count: number, body: (index: Reg) => void): void {
  const index = l.b.copy(0n);
  const loop = l.b.block();
  const inside = l.b.block();
  const after = l.b.block();
  l.b.jump(loop);
  l.b.enter(loop);
  l.b.branch("lt", index, BigInt(count), inside, after);
  l.b.enter(inside);
  body(index);
  l.b.copy(l.b.add(index, 1n), index);
  l.b.jump(loop);
  l.b.enter(after);
}
