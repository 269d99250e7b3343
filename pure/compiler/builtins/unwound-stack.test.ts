import { describe, expect, it } from "vitest";
import { compiled, errorsOf, said, testTarget } from "../testing/index.ts";

const PID = { pid: 100 };
const ENABLED = "config = { unstable_dw_ustack = enable }";

describe("what a script with dw_ustack is", () => {
  it("a map of stacks, and the maps that they are unwound by", () => {
    const { collection } = compiled(
      `${ENABLED} tracepoint:sched:sched_switch { @a[dw_ustack] = count(); @b[dw_ustack(perf, 5), ustack(5)] = count(); }`,
      PID,
    );
    const shapes = new Map(collection.maps.map(({ name, type, valueSize }) => [name, [type, valueSize]]));
    expect(shapes.get("stacks")).toEqual(["BPF_MAP_TYPE_HASH", 127 * 8]);
    expect(shapes.get("unwind_rows")).toEqual(["BPF_MAP_TYPE_ARRAY", 16]);
    expect(shapes.get("unwind_files")).toEqual(["BPF_MAP_TYPE_HASH", 16]);
    expect(shapes.get("unwind_processes")).toEqual(["BPF_MAP_TYPE_HASH", 8 + 512 * 32]);
  });

  it("searches are functions that the verifier looks at by themselves, once a program", () => {
    const [program] = compiled(`${ENABLED} interval:s:1 { @ = dw_ustack; @b = dw_ustack(3); }`, PID).collection
      .programs;
    const names = program.subprograms
      .slice(1)
      .map(({ name, global }) => `${name}${global ? " global" : ""}`)
      .sort();
    expect(names).toEqual([
      "unwind_find_mapping",
      "unwind_frame_127",
      "unwind_frame_3",
      "unwind_mapping global",
      "unwind_row global",
    ]);
  });

  it("other scripts have none of it", () => {
    const { collection } = compiled("interval:s:1 { @[ustack] = count(); }", PID);
    expect(collection.maps.map(({ name }) => name)).toEqual(["AT_", "runtime", "scratch", "stacks"]);
  });

  it("unwound stacks and others are of two types", () => {
    expect(errorsOf(`${ENABLED} interval:s:1 { @ = ustack; @ = dw_ustack; }`, PID)).toEqual([
      "Type mismatch for @: trying to assign value of type 'dw_ustack_bpftrace_127' when map already has a type 'ustack_bpftrace_127'",
    ]);
  });
});

describe("what is refused", () => {
  it.each([
    ["-p", { pid: 1 }],
    ["-c", { childPid: 1 }],
    ["--dwarf-pid", { unwindPid: 1 }],
  ])("nothing with %s", (_, options) => {
    expect(said(`${ENABLED} interval:s:1 { print(dw_ustack); }`, options)).toEqual([]);
  });

  it("a script without a process", () => {
    expect(errorsOf(`${ENABLED} interval:s:1 { print(dw_ustack); }`)).toEqual([
      "dw_ustack requires a target process. Use -p, -c, or --dwarf-pid to specify one.",
    ]);
  });

  it("build ids, and limits that make no sense", () => {
    expect(errorsOf(`${ENABLED} interval:s:1 { print(dw_ustack(build_id)); }`, PID)).toEqual([
      "dw_ustack has no 'build_id' mode",
    ]);
    expect(errorsOf(`${ENABLED} interval:s:1 { print(dw_ustack(2000)); }`, PID)).toEqual([
      "dw_ustack([limit]): limit shouldn't exceed 1024, 2000 given",
    ]);
  });

  it("a machine that lacks what it takes", () => {
    const script = `${ENABLED} interval:s:1 { print(dw_ustack); }`;
    const old = { features: { ...testTarget().features, helper: (name: string) => name !== "find_vma" } };
    expect(errorsOf(script, { ...PID, target: old })).toEqual([
      "dw_ustack is not available: the kernel has no bpf_find_vma (Linux 5.17)",
    ]);
    expect(errorsOf(script, { ...PID, target: { arch: "aarch64" } })).toEqual([
      "dw_ustack is not available: it is there on x86-64 only",
    ]);
  });

  it("it may still change, which the setting says", () => {
    const script = "interval:s:1 { print(dw_ustack); }";
    expect(said(script, PID)).toEqual([
      "warning: Script is using an unstable feature: dw_ustack (DWARF stack unwinding). To prevent this warning you must explicitly enable it in the config e.g. unstable_dw_ustack=enable",
    ]);
    expect(errorsOf(`config = { unstable_dw_ustack = error } ${script}`, PID)).toHaveLength(1);
  });
});
