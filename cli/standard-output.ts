import { OutputSink } from "@beetrace/tracer";

/** Standard output is closed: whoever read it has seen enough. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

/**
 * Writes lines to standard output, each with its line end, many at a time.
 * Throws {@link ReaderGone} once nobody reads (`| head`), so that no more lines are worked out.
 */
export function printLines(lines: Iterable<string>): void {
  const sink = new OutputSink({ fd: 1, mode: "full" });
  for (const line of lines) {
    sink.writeUnicode(`${line}\n`);
    check(sink);
  }
  sink.flush();
  check(sink);
}

function check({ failure }: OutputSink): void {
  if (failure === undefined) return;
  throw failure.code === "EPIPE" ? new ReaderGone("standard output is closed", { cause: failure }) : failure;
}
