import type { Reg, SlotRef } from "../../ir/ir.ts";
import { Lowerer } from "../lowerer.ts";

/** The environment of a walk, on the caller's stack: words at these offsets. */
export const ENV = {
  /** Registers of the frame that is looked at. */
  ip: 0,
  sp: 8,
  fp: 16,
  /** 1 where `ip` is a return address: the call is before it. */
  back: 24,
  /** The mapping of the frame, of {@link UNWIND_MAPPING}: most frames are in the one of the frame before. */
  mapping: 32,
  pid: 64,
  /** The mappings of the process, or 0. */
  process: 72,
  /** Where the frames go. */
  frames: 80,
  hash: 88,
  count: 96,
  /** 1 where not even the first frame could be looked up. */
  unknown: 104,
  bytes: 112,
} as const;

/** Bytes of a word. */
export const WORD = 8;

/** The address of an element of a map, or 0. */
export function lookUp(l: Lowerer, map: string, key: SlotRef): Reg {
  return l.b.call("map_lookup_elem", { kind: "map", map }, { kind: "slot", slot: key.slot, offset: 0 });
}

/** Makes a function of the program, once. One that is global the verifier looks at by itself, and not at each call. */
export function lowerOnce(
  l: Lowerer,
  name: string,
  { params, global = false }: { readonly params: readonly string[]; readonly global?: boolean },
  body: (f: Lowerer) => void,
): void {
  if (l.state.funcs.some((func) => func.name === name)) return;
  const f = new Lowerer(l.assembly, l.unit, l.program, l.options, l.state, name, params);
  f.b.at = l.b.at;
  f.b.global = global;
  f.start();
  body(f);
  f.finish();
}
