import { constants } from "node:os";
import type { Attachment, CompiledProgram, NamedAttachment } from "@beetrace/compiler";
import { SyscallError } from "@beetrace/ebpf";
import { describe, expect, it } from "vitest";
import { inAttachOrder } from "./attach.ts";
import { AttachError } from "./attach-error.ts";

const program = (name: string, attachment: Attachment, lastFiresFirst: boolean): CompiledProgram => ({
  program: name,
  provider: "interval",
  attachments: [{ attachment, name, index: 0 }],
  lastFiresFirst,
  oneLink: false,
});

const KPROBE: Attachment = { kind: "kprobe", function: "f", offset: 0, return: false };
const INTERVAL: Attachment = { kind: "interval", periodNs: 1 };

describe("inAttachOrder", () => {
  it("attaches backwards what fires backwards, after the rest, and leaves out what is run by hand", () => {
    const order = inAttachOrder([
      program("begin", { kind: "begin" }, false),
      program("k1", KPROBE, true),
      program("i1", INTERVAL, false),
      program("k2", KPROBE, true),
      program("i2", INTERVAL, false),
      program("end", { kind: "end" }, false),
    ]);
    expect(order.map((each) => each.program)).toEqual(["i1", "i2", "k2", "k1"]);
  });
});

describe("AttachError", () => {
  const failing = (attachment: Attachment, errno: number) => {
    const probe: NamedAttachment = { attachment, name: "the:probe", index: 0 };
    return new AttachError(probe, new SyscallError("perf_event_open", undefined, errno));
  };

  it("names the probe and the errno", () => {
    const error = failing(INTERVAL, constants.errno.EINVAL);
    expect(error.message).toBe("Unable to attach probe: the:probe: perf_event_open: EINVAL");
    expect(error.remedy).toBeUndefined();
    expect(error.cause).toBeInstanceOf(SyscallError);
  });

  it("says what to do where it is known", () => {
    const watchpoint: Attachment = { kind: "watchpoint", address: 4096n, sizeBytes: 8, mode: "w" };
    expect(failing(watchpoint, constants.errno.ENOSPC).message).toContain("No more HW registers left");
    expect(failing(watchpoint, constants.errno.EBUSY).remedy).toMatch(/end other tracers/);
    expect(failing(KPROBE, constants.errno.EINVAL).remedy).toMatch(/blacklist/);
    const inside = failing(KPROBE, constants.errno.EILSEQ);
    expect(inside.message).toMatch(/middle of an instruction/);
    expect(inside.remedy).toBe("no instruction starts at the:probe");
  });
});
