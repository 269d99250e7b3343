import { describe, expect, it } from "vitest";
import { type OutputError, OutputSink, type SinkOptions } from "./sink.ts";

/** A sink over a file descriptor that takes at most `room` bytes a write, or throws what is in `errors` first. */
function sinkInto(
  chunks: string[],
  options: Partial<SinkOptions> = {},
  room = Number.POSITIVE_INFINITY,
  errors: string[] = [],
) {
  return new OutputSink({
    fd: 7,
    mode: "line",
    write: (_fd, bytes) => {
      const code = errors.shift();
      if (code !== undefined) throw Object.assign(new Error(code), { code });
      const taken = bytes.subarray(0, room);
      chunks.push(Buffer.from(taken).toString("latin1"));
      return taken.length;
    },
    ...options,
  });
}

describe("OutputSink", () => {
  it("writes what gathered in one call at the end of a batch", () => {
    const chunks: string[] = [];
    const sink = sinkInto(chunks);
    sink.write("one\n");
    sink.write("two\n");
    expect(chunks).toEqual([]);
    sink.endBatch();
    sink.endBatch();
    expect(chunks).toEqual(["one\ntwo\n"]);
  });

  it("writes each text at once in mode none, and only much or all in mode full", () => {
    const chunks: string[] = [];
    const none = sinkInto(chunks, { mode: "none" });
    none.write("a");
    none.write("b");
    expect(chunks).toEqual(["a", "b"]);
    const full = sinkInto(chunks, { mode: "full" });
    full.write("c");
    full.endBatch();
    expect(chunks).toEqual(["a", "b"]);
    full.write("d".repeat(1 << 16));
    expect(chunks.length).toBe(3);
    full.write("e");
    full.flush();
    expect(chunks[3]).toBe("e");
  });

  it("keeps bytes of byte text and encodes Unicode text as UTF-8", () => {
    const chunks: string[] = [];
    const sink = sinkInto(chunks);
    sink.write("\xff\x00\xe9");
    sink.writeUnicode("é→a");
    sink.flush();
    expect(chunks).toEqual(["\xff\x00\xe9\xc3\xa9\xe2\x86\x92a"]);
  });

  it("goes on after partial writes and full pipes", () => {
    const chunks: string[] = [];
    const sink = sinkInto(chunks, {}, 3, ["EAGAIN"]);
    sink.write("abcdefgh");
    sink.flush();
    expect(chunks).toEqual(["abc", "def", "gh"]);
  });

  it("tells once that nobody reads, and drops the rest", () => {
    const chunks: string[] = [];
    const failures: OutputError[] = [];
    const sink = sinkInto(chunks, { onFailure: (error) => failures.push(error) }, 8, ["EPIPE"]);
    for (const text of ["a", "b"]) {
      sink.write(text);
      sink.flush();
    }
    expect(failures.map((error) => error.code)).toEqual(["EPIPE"]);
    expect(chunks).toEqual([]);
    expect(sink.failure?.code).toBe("EPIPE");
  });
});
