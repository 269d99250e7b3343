import type { Action, CompiledScript } from "@beetrace/compiler";
import type { PrintfArg, ValueType } from "@beetrace/output";

/** Whether a script shows names for addresses of processes, which are found only while the process lives. */
export function showsUserAddresses({ actions, maps }: CompiledScript): boolean {
  const inMaps = maps.some(({ layout }) => holdsAddress(layout.value) || (layout.key && holdsAddress(layout.key)));
  return inMaps || actions.some(actionHolds);
}

function actionHolds(action: Action): boolean {
  if ("args" in action) return action.args.some(argumentHolds);
  return action.kind === "print-value" && holdsAddress(action.type);
}

function argumentHolds(arg: PrintfArg): boolean {
  return "type" in arg && holdsAddress(arg.type);
}

function holdsAddress(type: ValueType): boolean {
  switch (type.kind) {
    case "usym":
    case "ustack":
      return true;
    case "array":
      return holdsAddress(type.element);
    case "tuple":
    case "record":
      return type.fields.some((field) => holdsAddress(field.type));
    default:
      return false;
  }
}
