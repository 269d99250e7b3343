/** The settings of the script, readable in it. */
import type { Config } from "../config.ts";
import { parts, zero } from "../lower/memory.ts";
import { shifted } from "../lower/place.ts";
import { writeText } from "../lower/strings.ts";
import { storageSize } from "../semantics/storage.ts";
import { BOOL, stringOf, type Type, UINT64 } from "../semantics/types.ts";
import type { Builtin } from "./builtin.ts";

type Setting = Config[keyof Config];

function settingType(value: Setting): Type {
  if (typeof value === "string") return stringOf(value.length + 1);
  return typeof value === "number" ? UINT64 : BOOL;
}

function settings(config: Readonly<Config>): [string, Setting][] {
  return Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
}

export const config: Builtin = {
  name: "config",
  form: "config()",
  doc: "The settings that hold for the script, as a record: config().max_strlen.",
  arity: [0, 0],
  pure: true,
  check: (_use, c) => ({
    type: {
      kind: "record",
      fields: settings(c.config).map(([name, value]) => ({ name, type: settingType(value) })),
    },
  }),
  field(name, c) {
    const found = settings(c.config).find(([each]) => each === name);
    if (!found) return undefined;
    const [, value] = found;
    return { type: settingType(value), constant: typeof value === "number" ? BigInt(value) : value };
  },
  lowerInto(_use, l, to, type) {
    zero(l, to, storageSize(type));
    const values = new Map(settings(l.assembly.checker.options.config));
    for (const [name, part] of parts(type)!) {
      const value = values.get(name);
      const place = shifted(to, part.offset);
      if (typeof value === "string") writeText(l, value, part.type, place);
      else l.store(place, part.type, BigInt(value ?? 0));
    }
  },
};
