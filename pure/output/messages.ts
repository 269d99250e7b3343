/** The line on stderr that says how many probes were attached. */
export function attachedProbesText(probes: number): string {
  return `Attached ${probes} probe${probes === 1 ? "" : "s"}\n`;
}

/** The line on stderr that says how many events were lost since the last such line. */
export function lostEventsText(events: number): string {
  return `Lost ${events} events\n`;
}
