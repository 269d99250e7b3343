/** Room dealt out so that nobody gets more than wanted, and who wants more than there is for each gets the same. */
export function shares(wanted: readonly number[], room: number): number[] {
  const given = wanted.map(() => 0);
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b]);
  let left = Math.max(room, 0);
  order.forEach((index, at) => {
    given[index] = Math.min(wanted[index], Math.floor(left / (order.length - at)));
    left -= given[index];
  });
  return given;
}
