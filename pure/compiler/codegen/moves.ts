/** A copy between machine registers. */
export interface Move {
  readonly from: number;
  readonly to: number;
}

/**
 * Orders moves that mean to happen at the same time. A cycle is broken through a register that none of them
 * touches; of ten there always is one, for at most five arguments move.
 */
export function moveTogether(moves: readonly Move[]): Move[] {
  const pending = moves.filter((move) => move.from !== move.to);
  const ordered: Move[] = [];
  while (pending.length > 0) {
    const ready = pending.findIndex((move) => !pending.some((other) => other !== move && other.from === move.to));
    if (ready >= 0) {
      ordered.push(...pending.splice(ready, 1));
      continue;
    }
    const [first] = pending;
    const busy = new Set(moves.flatMap((move) => [move.from, move.to]));
    // r0 is never live before a call but as one of the moved values; the others may be.
    const spare = [0, 5, 4, 3, 2, 1].find((register) => !busy.has(register))!;
    ordered.push({ from: first.from, to: spare });
    for (let index = 0; index < pending.length; index++) {
      if (pending[index].from === first.from) pending[index] = { from: spare, to: pending[index].to };
    }
  }
  return ordered;
}
