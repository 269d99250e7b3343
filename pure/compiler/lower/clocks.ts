/** Clocks that the loader has to help with. */
import type { Operand } from "../ir/ir.ts";
import type { Lowerer } from "./lowerer.ts";

/** When the run started, by the boot clock. */
export function startTime(l: Lowerer): Operand {
  return loaderWord(l, 0);
}

/** International atomic time on every kernel: the boot clock, and what it lacks. */
export function softwareTai(l: Lowerer): Operand {
  return l.b.add(l.b.call("ktime_get_boot_ns"), loaderWord(l, 8));
}

/** A word that the loader wrote: 0 the start (boot clock), 8 what the boot clock lacks to TAI. */
function loaderWord(l: Lowerer, offset: number): Operand {
  const globals = l.b.address({ kind: "map-value", map: l.assembly.globals(), offset: 0 });
  return l.b.load(globals, offset, 8);
}
