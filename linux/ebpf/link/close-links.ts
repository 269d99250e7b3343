import { handOver } from "./hand-over.ts";
import { closeTracepointLinks } from "./holders.ts";
import type { Link } from "./link.ts";
import { TracepointLink } from "./tracepoint.ts";

/** Kinds whose closing waits for RCU grace periods. */
const SLOW_KINDS: ReadonlySet<Link["kind"]> = new Set(["kprobe", "kprobe-multi", "uprobe", "uprobe-multi", "tracing"]);

/**
 * Ends attachments of all kinds in the time of the slowest few: the immediate ones at once, the others at the same
 * time. Resolves when no program of them runs any more.
 */
export async function closeLinks(links: readonly Link[]): Promise<void> {
  if (links.length === 0) return;
  const { sys } = links[0];
  const tracepoints = links.filter((link) => link instanceof TracepointLink);
  const slow = links.filter((link) => SLOW_KINDS.has(link.kind));
  for (const link of links) {
    if (!slow.includes(link) && !(link instanceof TracepointLink)) link[Symbol.dispose]();
  }
  await Promise.all([
    closeTracepointLinks(sys, tracepoints),
    sys.closeConcurrently(slow.flatMap((link) => link.release())),
  ]);
}

/**
 * Ends attachments without waiting, for a process that is about to exit: another one closes them, which may take it
 * seconds, and until then their programs still run. Only for programs that the caller has told to do nothing.
 */
export async function leaveLinks(links: readonly Link[]): Promise<void> {
  if (links.length === 0) return;
  const { sys } = links[0];
  const fds = links.flatMap((link) => link.release());
  if (!(await handOver(sys, fds))) await sys.closeConcurrently(fds);
}
