/** Columns of time, as the tools of this field have them. */
import type { Column } from "./columns.ts";
import { timeOfDay } from "./presentation.ts";

/** `TIME`: when the row is shown, `HH:MM:SS`. */
export function clockColumn(width = -8): Column {
  return { title: "TIME", field: "time", width, text: () => timeOfDay() };
}

/** `TIME(s)`: how long after the tool began. */
export function sinceStartColumn(width: number, digits: number): Column {
  const start = performance.now();
  return { title: "TIME(s)", field: "time", width, text: () => ((performance.now() - start) / 1000).toFixed(digits) };
}
