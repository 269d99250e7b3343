import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, RunningProcess, root } from "./process.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hostile."));
  mkdirSync(join(folder, "nothing"));
  mkdirSync(join(folder, "security"));
  writeFileSync(join(folder, "security", "lockdown"), "none integrity [confidentiality]\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a script where other things are mounted than on this machine: `[what, on]`, `what` in the test's own folder. */
async function onMachine(
  mounts: readonly (readonly [string, string])[],
  script: string,
  privileges = "",
): Promise<Ended> {
  const steps = mounts.map(([what, on]) => `mount --bind ${folder}/${what} ${on}`);
  const shell = [...steps, `exec ${privileges} "$0" -e "$1"`].join(" && ");
  const process = await RunningProcess.start("unshare", ["-m", "sh", "-c", shell, `${root}beetrace`, script]);
  return await process.finish();
}

const NO_BTF = [["nothing", "/sys/kernel/btf"]] as const;
const NO_TRACEFS = [
  ["nothing", "/sys/kernel/tracing"],
  ["nothing", "/sys/kernel/debug"],
] as const;
const only = (...capabilities: string[]) =>
  `setpriv --bounding-set -all${capabilities.map((each) => `,+${each}`).join("")} --inh-caps -all`;
const NOBODY = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all";

describe("without BTF", () => {
  it.each([
    ['begin { printf("%d\\n", 1); }', "1\n"],
    ["tracepoint:syscalls:sys_enter_read /args.count > 0/ { print(2); exit(); }", "2\n"],
    ["tracepoint:sched:sched_switch { print(3); exit(); }", "3\n"],
    ["profile:hz:99 { print(4); exit(); }", "4\n"],
  ])("%s runs", async (script, printed) => {
    const { code, stdout } = await onMachine(NO_BTF, script);
    expect(code).toBe(0);
    // Another processor may come to the probe before all are detached.
    expect(stdout).toMatch(new RegExp(`^(${printed})+\n\n$`));
  });

  it.each([
    ["rawtracepoint:sys_enter { exit(); }", "rawtracepoint: the kernel has no BTF (/sys/kernel/btf/vmlinux)"],
    ["fentry:vfs_read { exit(); }", "fentry: the kernel has no BTF (/sys/kernel/btf/vmlinux)"],
    ["iter:task { print(1); }", "iter: the kernel has no BTF (/sys/kernel/btf/vmlinux)"],
  ])("%s says what it needs", async (script, message) => {
    const { code, stderr } = await onMachine(NO_BTF, script);
    expect({ code, messages: stderr.match(/ERROR: .*/g) }).toEqual({ code: 1, messages: [`ERROR: ${message}`] });
    expect(stderr).toContain("HINT: it takes a kernel with CONFIG_DEBUG_INFO_BTF; tracepoint and kprobe do without\n");
  });

  it("a struct of the kernel has to be defined", async () => {
    const { code, stderr } = await onMachine(NO_BTF, "begin { print(((struct task_struct *)curtask).pid); }");
    expect(code).toBe(1);
    expect(stderr).toContain('ERROR: Cannot resolve unknown type "struct task_struct"\n');
    expect(stderr).toContain(
      "HINT: the kernel has no BTF (/sys/kernel/btf/vmlinux): define the struct in the script\n",
    );
  });
});

describe("without tracefs", () => {
  it("it is mounted by who may", async () => {
    const { code, stdout } = await onMachine(NO_TRACEFS, "tracepoint:sched:sched_switch { print(1); exit(); }");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1\n\n\n" });
  });

  it("others are told to mount it", async () => {
    const script = "tracepoint:sched:sched_switch { exit(); }";
    const { code, stderr } = await onMachine(NO_TRACEFS, script, only("bpf", "perfmon"));
    expect(code).toBe(1);
    expect(stderr).toContain("ERROR: tracefs is not mounted at /sys/kernel/tracing\n");
    expect(stderr).toContain("HINT: as root: mount -t tracefs nodev /sys/kernel/tracing\n");
  });

  it("what does not need it runs", async () => {
    const { code, stdout } = await onMachine(NO_TRACEFS, "profile:hz:99 { print(1); exit(); }", only("bpf", "perfmon"));
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1\n\n\n" });
  });
});

describe("privileges", () => {
  it.each([
    ["no root", NOBODY, "beetrace needs CAP_BPF and CAP_PERFMON; please run beetrace as the root user."],
    ["root without them", only(), "beetrace lacks CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) although it runs as root"],
    ["one of two", only("bpf"), "beetrace lacks CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) although it runs as root"],
  ])("%s", async (_name, privileges, message) => {
    const { code, stdout, stderr } = await onMachine([], "begin { print(1); }", privileges);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^ERROR: .*\nHINT: .*\n$/);
    expect(stderr).toContain(`ERROR: ${message}\n`);
  });

  it.each([only("bpf", "perfmon"), only("sys_admin")])("%s is enough", async (privileges) => {
    const { code, stdout } = await onMachine([], "profile:hz:99 { print(1); exit(); }", privileges);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1\n\n\n" });
  });

  it("tracefs that only root may read", async () => {
    const privileges = `${NOBODY},+bpf,+perfmon --ambient-caps -all,+bpf,+perfmon`;
    const { code, stderr } = await onMachine([], "tracepoint:sched:sched_switch { exit(); }", privileges);
    expect(code).toBe(1);
    expect(stderr).toContain("ERROR: /sys/kernel/tracing cannot be read by this user\nt");
    expect(stderr).toContain("HINT: run as root or with CAP_DAC_READ_SEARCH, or as root: mount -o remount,mode=755");
  });
});

it("a kernel that is locked down", async () => {
  const { code, stdout, stderr } = await onMachine([["security", "/sys/kernel/security"]], "begin { print(1); }");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe(
    "ERROR: Kernel lockdown is enabled and set to 'confidentiality': BPF programs may not read kernel memory\n" +
      "HINT: boot with lockdown=integrity, or without Secure Boot (man 7 kernel_lockdown)\n",
  );
});

it("no /proc", async () => {
  const { code, stderr } = await onMachine([["nothing", "/proc"]], "begin { print(1); }");
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: "ERROR: /proc is not mounted\nHINT: as root: mount -t proc proc /proc\n",
  });
});
