/**
 * Names and types. The script is checked again and again until no type grows any more: a map's or variable's
 * type is what all its uses in the whole script agree on.
 */
import { invariant } from "@beetrace/std";
import { BUILTINS } from "../builtins/index.ts";
import { Diagnostics } from "../diagnostic.ts";
import { checkExpression } from "./expressions.ts";
import type { Unit } from "./model.ts";
import { checkPredicate, mayBeVoid } from "./predicate.ts";
import type { ScriptTypes } from "./script-types.ts";
import { checkBlock } from "./statements.ts";
import { type CheckRules, UnitChecker } from "./unit-checker.ts";

/** Types only grow, and each can grow only so often; more rounds than this would be our bug. */
const ROUNDS_MAX = 100;

const RULES: CheckRules = { expression: checkExpression, mayBeVoid, names: () => BUILTINS.keys() };

/** Checks everything; what there is to say of the script is in the result. */
export function checkScript(types: ScriptTypes): Diagnostics {
  for (const item of types.script.items) if (item.kind === "map-declaration") types.declareMap(item);
  const declared = types.diagnostics;
  let rounds = 0;
  do {
    types.grew = false;
    types.diagnostics = new Diagnostics();
    types.unresolved = new Diagnostics();
    for (const unit of types.units) checkUnit(types, unit);
    invariant(++rounds < ROUNDS_MAX, "types do not settle");
  } while (types.grew);
  types.checkMaps();
  declared.addAll(types.diagnostics);
  if (!declared.hasErrors) declared.addAll(types.unresolved);
  return declared;
}

function checkUnit(types: ScriptTypes, unit: Unit): void {
  for (const variable of new Set(unit.variables.values())) variable.used = variable.assigned = false;
  const checker = new UnitChecker(types, unit, RULES);
  if (unit.probe.predicate) checkPredicate(checker, unit.probe.predicate);
  checkBlock(checker, unit.probe.body);
}
