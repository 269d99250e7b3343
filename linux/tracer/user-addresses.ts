import type { Action, CompiledScript } from "@beetrace/compiler";
import type { PrintfArg, ValueType } from "@beetrace/output";

/** The first looks at a process come soon after it started: it may not live for long. */
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 100;

/**
 * Keeps reading where the files of a process are mapped, so that its addresses have names when it has ended.
 * What a process maps and ends within a millisecond is missed.
 */
export function followMappings(resolver: { track(pid: number): void }, pid: number): Disposable {
  let timer: NodeJS.Timeout;
  const look = (nextMs: number) => {
    resolver.track(pid);
    timer = setTimeout(look, nextMs, Math.min(nextMs * 2, LAST_LOOK_MS));
  };
  look(FIRST_LOOK_MS);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

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
