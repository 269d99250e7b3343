import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errnoText } from "@beetrace/std";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CgroupPaths, parseCgroupMounts } from "./cgroup-paths.ts";
import { isAlive, parseStat, processState } from "./process-state.ts";
import { localZones } from "./time-zone.ts";
import { parsePasswd } from "./user-names.ts";

describe("users", () => {
  it("have the name of their first line", () => {
    const users = parsePasswd(
      "root:x:0:0::/root:/bin/sh\n# no line\ntoor:x:0:0::/:/bin/sh\nbad:x:-1:\nann:x:1000:1000",
    );
    expect([...users]).toEqual([
      [0, "root"],
      [1000, "ann"],
    ]);
  });
});

describe("error texts", () => {
  it("are those of strerror", () => {
    expect(errnoText(7)).toBe("Argument list too long");
    expect(errnoText(14)).toBe("Bad address");
    expect(errnoText(4095)).toBe("Unknown error 4095");
  });
});

describe("process states", () => {
  it("are read behind a name with parentheses and blanks", () => {
    const numbers = Array.from({ length: 30 }, (_, index) => index + 4).join(" ");
    expect(parseStat(`17 (a) b (c)) S ${numbers}`)).toEqual({ state: "S", startTicks: "22" });
    expect(parseStat("")).toBeUndefined();
  });

  it("tell a process from a later one with its number", () => {
    const here = processState(process.pid);
    expect(here?.state).toMatch(/^[RS]$/);
    expect(here && isAlive(process.pid, here)).toBe(true);
    expect(here && isAlive(process.pid, { ...here, startTicks: "1" })).toBe(false);
    expect(processState(2 ** 22 + 1)).toBeUndefined();
  });
});

describe("cgroups", () => {
  const MOUNTS = [
    "proc /proc proc rw 0 0",
    "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0",
    "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0",
  ].join("\n");

  it("have hierarchies, that of version 2 first", () => {
    expect(parseCgroupMounts(MOUNTS)).toEqual([
      { name: "unified", mount: "/sys/fs/cgroup/unified" },
      { name: "cpu,cpuacct", mount: "/sys/fs/cgroup/cpu,cpuacct" },
    ]);
  });

  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "cgroups-"));
    mkdirSync(join(root, "two/system/web"), { recursive: true });
    mkdirSync(join(root, "cpu"));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it("are found by their inode, new ones too", () => {
    const paths = new CgroupPaths(`none ${root}/two cgroup2 rw\nnone ${root}/cpu cgroup rw`);
    const idOf = (path: string) => statSync(join(root, path), { bigint: true }).ino;
    expect(paths.paths(idOf("two/system/web"), "")).toBe("unified:/system/web");
    expect(paths.paths(idOf("two"), "unif*")).toBe("unified:/");
    expect(paths.paths(idOf("two"), "cpu")).toBe("");
    mkdirSync(join(root, "cpu/new"));
    expect(paths.paths(idOf("cpu/new"), "")).toBe("cpu:/new");
    expect(paths.paths(1n << 60n, "")).toBe("");
  });
});

describe("time zones", () => {
  const zone = process.env.TZ;
  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  const SUMMER_NS = 1_751_371_200_000_000_000n; // 2025-07-01T12:00:00Z
  const WINTER_NS = 1_735_732_800_000_000_000n; // 2025-01-01T12:00:00Z

  it.each([
    ["UTC", SUMMER_NS, 0, "UTC"],
    ["America/New_York", SUMMER_NS, -14_400, "EDT"],
    ["America/New_York", WINTER_NS, -18_000, "EST"],
    ["Europe/Berlin", WINTER_NS, 3600, "CET"],
    ["Asia/Kolkata", WINTER_NS, 19_800, "IST"],
    ["Asia/Kathmandu", WINTER_NS, 20_700, "+0545"],
  ])("%s", (name, unixNs, utcOffsetSeconds, zoneName) => {
    process.env.TZ = name;
    expect(localZones()(unixNs)).toEqual({ utcOffsetSeconds, zoneName });
  });
});
