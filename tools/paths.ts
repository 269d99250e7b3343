/** Whole paths, of which the scripts print the folders one by one. */
import type { JsonValue } from "@beetrace/output";
import type { Row } from "./columns.ts";

/**
 * Puts the folders that `ancestors()` of paths.bt printed, the innermost first, in front of the name in the record of the
 * same thread that follows them.
 */
export function pathJoiner(field: string): (record: Row) => Row | undefined {
  const pending = new Map<JsonValue, readonly string[]>();
  return ({ part, ...row }) => {
    const folders = pending.get(row.tid) ?? [];
    if (part !== undefined) {
      pending.set(row.tid, [String(part), ...folders]);
      return undefined;
    }
    pending.delete(row.tid);
    return folders.length === 0 ? row : { ...row, [field]: `/${[...folders, row[field]].join("/")}` };
  };
}
