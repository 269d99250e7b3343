/** Whether a script or a tool has run to its end: most of what the command consists of has been called then. */
export let hasTraced = false;

/** Notes that one has, and passes on its exit status. */
export function traced(status: number): number {
  hasTraced = true;
  return status;
}
