/** Columns of time, as the tools of this field have them. */
import type { Column } from "./columns.ts";
import { timeOfDay } from "./presentation.ts";

/** `TIME`: when the row is shown, `HH:MM:SS`. */
export function clockColumn(width = -8): Column {
  return { title: "TIME", field: "time", width, text: () => timeOfDay() };
}
