import type { Sys } from "../sys/sys.ts";
import { handOver } from "./hand-over.ts";
import { type TracepointLink, tracepointEvent } from "./tracepoint.ts";

/**
 * Ends many tracepoint attachments fast. The last perf event of a tracepoint that closes unregisters it, which takes
 * three RCU grace periods under a mutex: 28 s for 360. So each tracepoint gets a second event first, a holder without a
 * program. Then the programs' events wait for one grace period only, outside the mutex and at the same time (0.1 s for
 * 360), and the holders are left to a process that ends by itself: no program runs any more, only unregistering goes
 * on there. Measured on Linux 6.18; Debian's 6.1 and 6.12 wait for that grace period, too, under a mutex (50 ms each).
 */
export async function closeTracepointLinks(sys: Sys, links: readonly TracepointLink[]): Promise<void> {
  const holders = links.length > 1 ? openHolders(sys, links) : [];
  await sys.closeConcurrently(links.flatMap((link) => link.release()));
  if (holders.length === 0) return;
  if (!(await handOver(sys, holders))) await sys.closeConcurrently(holders);
}

/** As many as there are file descriptors for: a tracepoint without a holder is only slower. */
function openHolders(sys: Sys, links: readonly TracepointLink[]): number[] {
  const holders: number[] = [];
  try {
    for (const id of new Set(links.map((link) => link.tracepointId))) {
      const { attr, target } = tracepointEvent(id);
      holders.push(sys.perfEventOpen(attr, target));
    }
  } catch {
    // Out of file descriptors.
  }
  return holders;
}
