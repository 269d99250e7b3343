/** Parameters of the command line that have names. */

import { invariant } from "@beetrace/std";
import type { Lowerer } from "../lower/lowerer.ts";
import { convertPlace } from "../lower/memory.ts";
import { scalar } from "../lower/place.ts";
import { type NamedParam, PARAMS_MAP } from "../named-params.ts";
import { BOOL, INT64, isScalar, stringOf, type Type, UINT64 } from "../semantics/types.ts";
import type { Builtin, Use } from "./builtin.ts";

export const getopt: Builtin = {
  name: "getopt",
  form: 'getopt("NAME"[, DEFAULT[, "DESCRIPTION"]])',
  doc: "A parameter that is given behind `--` as `--NAME=VALUE`. It has the type of its default: an integer, a string or a boolean; without a default it is a switch, `--NAME`.",
  arity: [1, 3],
  pure: true,
  check(use, c) {
    const param = c.namedParam(nameOf(use));
    if (param === undefined) return c.error(use.span, "getopt() needs the name of the parameter as a string literal");
    const { value } = param;
    if (value === undefined) return { type: typeOf(param, c.config.max_strlen) };
    return { type: typeOf(param, typeof value === "string" ? value.length + 1 : 0), constant: value };
  },
  lower(use, l) {
    const place = placeOf(use, l);
    return isScalar(l.type(use.node)) ? scalar(l.b.load(place.base, place.offset, 8)) : { kind: "place", place };
  },
  lowerInto(use, l, to, type) {
    convertPlace(l, placeOf(use, l), l.type(use.node), type, to);
  },
};

function nameOf({ args: [name] }: Use): string {
  return name?.kind === "string" ? name.value : "";
}

function typeOf({ kind }: NamedParam, textBytes: number): Type {
  switch (kind) {
    case "bool":
      return BOOL;
    case "int":
      return INT64;
    case "uint":
      return UINT64;
    case "string":
      return stringOf(textBytes);
  }
}

/** Where it stands in the map of the parameters. */
function placeOf(use: Use, l: Lowerer) {
  const slot = l.assembly.params.find(({ name }) => name === nameOf(use));
  invariant(slot, "a parameter without a value has a place");
  const base = l.b.address({ kind: "map-value", map: PARAMS_MAP, offset: 0 });
  return { base, offset: slot.offset, space: "bpf" } as const;
}
