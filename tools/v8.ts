/** The JavaScript engine of Node.js, by its functions: it has had no static probes since version 19. */
import type { Machine } from "./tool.ts";

/** Heap::PerformGarbageCollection(), by which all collections go; absent where the program names no such function. */
export function collectingFunction(machine: Machine, file: string): string | undefined {
  return machine.userFunctions(file, "_ZN2v88internal4Heap24PerformGarbageCollection*")[0];
}
