import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { afterEach, expect } from "vitest";
import { attachKprobe, attachKprobeMulti, attachTracing, closeLinks } from "../index.ts";
import { testWith } from "../test/features.ts";
import { expectNothingLeft } from "../test/leaks.ts";
import { Counted, callGetppid, counting, countingByCookie, onlyThisProcess } from "../test/programs.ts";

afterEach(expectNothingLeft);

const GETPPID = process.arch === "x64" ? "__x64_sys_getppid" : "__arm64_sys_getppid";
const GETUID = GETPPID.replace("getppid", "getuid");
const OPENAT = "do_sys_openat2";

function addressOf(symbol: string): bigint {
  const line = readFileSync("/proc/kallsyms", "latin1")
    .split("\n")
    .find((text) => text.endsWith(` ${symbol}`));
  return BigInt(`0x${line?.split(" ")[0] ?? "0"}`);
}

function openFiles(count: number): void {
  for (let index = 0; index < count; index++) closeSync(openSync("/dev/null", "r"));
}

testWith("kprobe", "kprobe by name", () => {
  using counted = new Counted(counting({ type: "BPF_PROG_TYPE_KPROBE" }, onlyThisProcess));
  {
    using _ = attachKprobe(counted.program, { function: GETPPID });
    callGetppid(100);
  }
  callGetppid(10);
  expect(counted.count()).toBe(100);
  expect(() => attachKprobe(counted.program, { function: "no_such_function" })).toThrow(/kprobe no_such_function/);
});

testWith("kprobe", "kprobe by address and kretprobe, told apart by cookies", async () => {
  using counted = new Counted(countingByCookie({ type: "BPF_PROG_TYPE_KPROBE" }), 3);
  const links = [
    attachKprobe(counted.program, { function: addressOf(GETPPID), cookie: 1 }),
    attachKprobe(counted.program, { function: GETPPID, return: true, cookie: 2 }),
  ];
  callGetppid(100);
  await closeLinks(links);
  expect([counted.count(1), counted.count(2)]).toEqual([100, 100]);
});

testWith("kprobe_multi", "kprobe_multi: entries and returns", async () => {
  const spec = countingByCookie({ type: "BPF_PROG_TYPE_KPROBE", expectedAttachType: "BPF_TRACE_KPROBE_MULTI" });
  using counted = new Counted(spec, 4);
  const addresses = [addressOf(GETPPID), addressOf(GETUID)];
  const links = [
    attachKprobeMulti(counted.program, { addresses, cookies: [1, 2] }),
    attachKprobeMulti(counted.program, { addresses: addresses.slice(0, 1), cookies: [3], return: true }),
  ];
  callGetppid(100);
  for (let index = 0; index < 50; index++) process.getuid?.();
  await closeLinks(links);
  callGetppid(10);
  expect([counted.count(0), counted.count(1), counted.count(2), counted.count(3)]).toEqual([0, 100, 50, 100]);
});

testWith("kprobe_session", "kprobe_session runs at entry and return", async () => {
  const spec = countingByCookie({ type: "BPF_PROG_TYPE_KPROBE", expectedAttachType: "BPF_TRACE_KPROBE_SESSION" });
  using counted = new Counted(spec, 2);
  const target = { addresses: [addressOf(GETPPID)], cookies: [1], session: true };
  const link = attachKprobeMulti(counted.program, target);
  callGetppid(100);
  await closeLinks([link]);
  expect(counted.count(1)).toBe(200);
});

for (const attachType of ["BPF_TRACE_FENTRY", "BPF_TRACE_FEXIT"] as const) {
  testWith("fentry", `${attachType}, without and with a cookie`, () => {
    const about = { type: "BPF_PROG_TYPE_TRACING", expectedAttachType: attachType, attachTo: OPENAT } as const;
    using counted = new Counted(counting(about, onlyThisProcess));
    for (const cookie of [undefined, 5]) {
      using _ = attachTracing(counted.program, { attachType, name: OPENAT, cookie });
      openFiles(40);
    }
    openFiles(5);
    expect(counted.count()).toBe(80);
  });
}

testWith("lsm", "LSM hook", () => {
  const about = { type: "BPF_PROG_TYPE_LSM", expectedAttachType: "BPF_LSM_MAC", attachTo: "file_open" } as const;
  using counted = new Counted(counting(about, onlyThisProcess));
  const list = "/sys/kernel/security/lsm";
  const active = !existsSync(list) || readFileSync(list, "latin1").includes("bpf");
  using _ = attachTracing(counted.program, { attachType: "BPF_LSM_MAC", name: "file_open" });
  openFiles(30);
  expect(counted.count()).toBe(active ? 30 : 0);
});
