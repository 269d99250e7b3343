import { constants } from "node:os";
import { assembleProgram, R0 } from "@beetrace/bytecode";
import { CatalogError, singleSource } from "@beetrace/compiler";
import { LogTooSmallError, SyscallError, UnsupportedError, VerifierError } from "@beetrace/ebpf";
import { InvariantError } from "@beetrace/std";
import { describe, expect, it } from "vitest";
import { AttachError } from "./attach-error.ts";
import { CommandError } from "./child.ts";
import { explain } from "./explain.ts";

const TEXT = "BEGIN {\n  @x = *(uint8*)0;\n}\n";
const SOURCE = { sources: singleSource("a.bt", TEXT), color: false };
const said = (error: unknown, verbose = false) => explain(error, SOURCE, verbose);

describe("explain", () => {
  it("shows the line of the script that the verifier refuses", () => {
    const spec = {
      ...assembleProgram({ name: "begin_0", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a) => {
        a.movImm(R0, 0);
        a.exit();
      }),
      lines: [{ index: 0, line: 2, column: 3 }],
      source: { name: "a.bt", text: TEXT },
    };
    const log = "0: (b7) r0 = 0\nR1 invalid mem access 'scalar'\nprocessed 1 insns (limit 1000000)\n";
    const error = new VerifierError(spec, constants.errno.EACCES, log);
    expect(said(error)).toEqual({
      exitCode: 255,
      text: [
        "a.bt:2:3-18: ERROR: the kernel's verifier refuses begin_0: R1 invalid mem access 'scalar'",
        "  @x = *(uint8*)0;",
        "  ~~~~~~~~~~~~~~~",
        "HINT: -v shows the whole log of the verifier",
        "",
      ].join("\n"),
    });
    expect(said(error, true)?.text).toContain(log);
  });

  it("shows the call of a helper that the kernel does not allow there", () => {
    const source = { sources: singleSource("stdin", "fentry:f { print(path(args.p)); }"), color: false };
    const spec = {
      ...assembleProgram({ name: "fentry_f_1", type: "BPF_PROG_TYPE_TRACING" }, (a) => {
        a.call("bpf_d_path");
        a.exit();
      }),
      lines: [{ index: 0, line: 1, column: 18 }],
    };
    const log = "0: (85) call bpf_d_path#147\nhelper call is not allowed in probe\nprocessed 1 insns\n";
    const error = new VerifierError(spec, constants.errno.EINVAL, log);
    const text = explain(error, source, false)?.text.split("\n");
    expect(text?.slice(0, 3)).toEqual([
      "stdin:1:18-30: ERROR: helper bpf_d_path not allowed in probe",
      "fentry:f { print(path(args.p)); }",
      "                 ~~~~~~~~~~~~",
    ]);
  });

  it("gives hints and exit codes", () => {
    expect(said(new CatalogError("tracefs is not mounted", "mount it"))).toEqual({
      text: "ERROR: tracefs is not mounted\nHINT: mount it\n",
      exitCode: 1,
    });
    expect(said(new LogTooSmallError("begin_1", constants.errno.ENOSPC, 2))).toMatchObject({
      exitCode: 255,
      text: expect.stringMatching(
        /for begin_1\. Error code: -28 \(No space left on device\)\.\nWARNING: Kernel log seems/,
      ),
    });
    expect(said(new CommandError("no"))?.exitCode).toBe(1);
    expect(said(new UnsupportedError("uprobes", "4.17"))?.exitCode).toBe(255);
    const probe = { attachment: { kind: "interval", periodNs: 1 }, name: "interval:ns:1", index: 0 } as const;
    const cause = new SyscallError("perf_event_open", undefined, constants.errno.EBUSY);
    expect(said(new AttachError(probe, cause))).toMatchObject({
      exitCode: 255,
      text: expect.stringMatching(/^ERROR: Unable to attach probe: interval:ns:1: .*EBUSY\nHINT: something else uses/),
    });
  });

  it("leaves bugs alone", () => {
    expect(said(new InvariantError("broken"))).toBeUndefined();
    expect(said(new TypeError("broken"))).toBeUndefined();
  });
});
