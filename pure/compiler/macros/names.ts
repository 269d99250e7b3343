/** What stands between a variable's name and the number of the expansion that it belongs to. */
export const HYGIENE = "#";

/** A variable's name as it was written. */
export function plainName(name: string): string {
  const mark = name.indexOf(HYGIENE);
  return mark < 0 ? name : name.slice(0, mark);
}
