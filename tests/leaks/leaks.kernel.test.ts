import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const leaks = fileURLToPath(new URL("leaks", import.meta.url));
const bpfObjects = fileURLToPath(new URL("../../.cache/leaks/bpf-objects", import.meta.url));
const mark = `planted-${process.pid}`;
let folder: string;
let before: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leaks."));
  before = `${folder}.before`;
  execFileSync(leaks, ["before", before]);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  rmSync(before);
});

const after = () => spawnSync(leaks, ["after", before, mark], { encoding: "utf8" });

test("a pinned program is found", () => {
  execFileSync("mount", ["-t", "bpf", "bpf", folder]);
  try {
    execFileSync(bpfObjects, ["--pin", join(folder, "planted")]);
    expect(after()).toMatchObject({ status: 1, stdout: expect.stringMatching(/^left behind: program \d+ planted$/m) });
  } finally {
    execFileSync("umount", [folder]);
  }
  expect(after().stdout).not.toContain("planted");
});

test("a process is found", async () => {
  const child = spawn("sleep", ["600"], { env: { ...process.env, BEETRACE_TEST_RUN: mark }, stdio: "ignore" });
  try {
    expect(after()).toMatchObject({ status: 1, stdout: expect.stringContaining(`process ${child.pid} sleep 600`) });
  } finally {
    child.kill();
    await new Promise((resolve) => child.on("exit", resolve));
  }
  expect(after().stdout).not.toContain("sleep 600");
});
