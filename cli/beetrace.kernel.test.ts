import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const BEETRACE = fileURLToPath(new URL("../beetrace", import.meta.url));
const NOBODY = 65534;
/** What stands before the maps at the end of a run, also where there are none. */
const END = "\n\n";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "beetrace-cli-"));
  spawnSync(BEETRACE, ["-V"]); // builds, so that no test is told of it
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function beetrace(...argv: string[]): Ended {
  return started({}, ...argv);
}

function started(options: { input?: string; uid?: number; file?: string }, ...argv: string[]): Ended {
  const { file = BEETRACE, ...rest } = options;
  const { stdout, stderr, status } = spawnSync(file, argv, { encoding: "utf8", maxBuffer: 1 << 28, ...rest });
  return { stdout, stderr, status };
}

describe("running", () => {
  test("a one-liner, a file and standard input", () => {
    const script = 'BEGIN { printf("%s-%d\\n", str($1), $#); }';
    const file = join(folder, "hello.bt");
    writeFileSync(file, `#!/usr/bin/env beetrace\n${script}`);
    const expected = { stdout: `a-2\n${END}`, stderr: "Attached 1 probe\n", status: 0 };
    expect(beetrace("-e", script, "a", "b")).toEqual(expected);
    expect(beetrace(file, "a", "b")).toEqual(expected);
    expect(started({ input: script }, "-", "a", "b")).toEqual(expected);
  });

  test("the exit status is the script's", () => {
    expect(beetrace("-q", "-e", "BEGIN { exit(69); }")).toEqual({ stdout: END, stderr: "", status: 69 });
  });

  test("a mistake in the script is shown where it stands", () => {
    const { stderr, status } = beetrace("-e", "BEGIN { nope(); }");
    expect(stderr).toContain("stdin:1:9-13: ERROR: ");
    expect(stderr).toContain("BEGIN { nope(); }\n        ~~~~\n");
    expect(status).toBe(1);
  });

  test("-o takes the output, and nothing else", () => {
    const out = join(folder, "out");
    const { stdout, stderr } = beetrace("-o", out, "-f", "json", "-e", 'BEGIN { printf("x"); }');
    expect(stdout).toBe("");
    expect(stderr).toBe("");
    expect(readFileSync(out, "utf8").split("\n")[1]).toBe('{"type": "printf", "data": "x"}');
  });

  test("--mode codegen compiles and stops; --emit-asm and -d show what was made", () => {
    const asm = join(folder, "x.asm");
    const script = 'BEGIN { printf("never"); }';
    const { stdout, status } = beetrace("--mode", "codegen", "-d", "ast,bytecode", "--emit-asm", asm, "-e", script);
    expect(stdout).toContain('expression: call name="printf"');
    expect(readFileSync(asm, "utf8")).toMatch(
      /^program begin\w* \(BPF_PROG_TYPE_RAW_TRACEPOINT\)\nbegin\w*\(ctx\):\n; BEGIN/,
    );
    expect(stdout).toContain(readFileSync(asm, "utf8").trim());
    expect(status).toBe(0);
  });

  test("the process goes by the command's name, and SIGINT ends it well", async () => {
    const link = join(folder, "bpftrace");
    symlinkSync(BEETRACE, link);
    const env = { ...process.env, __BPFTRACE_NOTIFY_PROBES_ATTACHED: "1" };
    const child = spawn(link, ["-q", "-e", 'interval:s:60 { } END { printf("end of %s\\n", comm); }'], { env });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    const status = await new Promise((resolve) => {
      child.on("close", resolve);
      child.stdout.once("data", () => {
        expect(readFileSync(`/proc/${child.pid}/comm`, "utf8")).toBe("bpftrace\n");
        expect(readFileSync(`/proc/${child.pid}/cmdline`, "utf8")).toMatch(/^bpftrace -q -e interval:s:60/);
        child.kill("SIGINT");
      });
    });
    expect([status, stdout]).toEqual([0, `__BPFTRACE_NOTIFY_PROBES_ATTACHED\nend of bpftrace\n${END}`]);
  });
});

describe("looking around", () => {
  test("-l lists what matches, once", () => {
    const { stdout, status } = beetrace("-l", "tracepoint:syscalls:sys_enter_open*,software:cpu*");
    const lines = stdout.trim().split("\n");
    expect(lines).toContain("tracepoint:syscalls:sys_enter_openat");
    expect(lines).toContain("software:cpu-clock:");
    expect(new Set(lines).size).toBe(lines.length);
    expect(status).toBe(0);
  });

  test("-l of a script lists the probes that it stands for", () => {
    const file = join(folder, "list.bt");
    const script = "BEGIN { } tracepoint:syscalls:sys_*_openat { } hardware:cache-misses:10 { } interval:ms:100 { }";
    writeFileSync(file, script);
    const stdout =
      "tracepoint:syscalls:sys_enter_openat\ntracepoint:syscalls:sys_exit_openat\nhardware:cache-misses:\ninterval:ms:\n";
    expect(beetrace("-l", file)).toEqual({ stdout, stderr: "", status: 0 });
    expect(beetrace("-l", "-e", script)).toEqual({ stdout, stderr: "", status: 0 });
  });

  test("-lv shows parameters, and definitions of types", () => {
    expect(beetrace("-lv", "tracepoint:syscalls:sys_enter_openat").stdout).toContain("\n    int dfd\n");
    expect(beetrace("-lv", "struct list_head").stdout).toMatch(/^vmlinux: struct list_head \{\n/);
  });

  test("a file that is not there is taken for a search, and that is said", () => {
    const { stdout, stderr, status } = beetrace("-l", "missing.bt");
    expect([stdout, status]).toEqual(["", 0]);
    expect(stderr).toMatch(/^WARNING: It appears that 'missing.bt' is a filename but the file does not exist\./);
  });

  test("a reader that has seen enough is no error", () => {
    const { stdout, stderr, status } = started(
      { file: "/bin/bash" },
      "-c",
      `set -o pipefail; "${BEETRACE}" -l 'tracepoint:*' | head -n 1`,
    );
    expect(stdout).toMatch(/^tracepoint:.*\n$/);
    expect([stderr, status]).toEqual(["", 0]);
  });

  test("--info has bpftrace's headings and keys", () => {
    const { stdout, status } = beetrace("--info");
    const headings = stdout.split("\n").filter((line) => /^[A-Z]/.test(line));
    expect(headings).toEqual(["System", "Build", "Kernel helpers", "Kernel features", "Probe types"]);
    for (const key of ["btf", "libdw \\(DWARF support\\)", "kprobe_multi", "uprobe_multi", "kprobe_session", "iter"]) {
      expect(stdout).toMatch(new RegExp(`^  ${key}: (yes|no)$`, "m"));
    }
    expect(status).toBe(0);
  });
});

describe("flame", () => {
  const folded = () => {
    const file = join(folder, "a.folded");
    writeFileSync(file, "main;read_[k] 3\nmain 1\n");
    return file;
  };

  test("draws a file of stacks, standard input, and what has changed", () => {
    const file = folded();
    const { stdout, stderr, status } = beetrace("flame", file);
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toMatch(
      /^<\?xml .*\n<svg [\s\S]*<title>a\.folded<\/title>[\s\S]*<title>read\n3 samples, 75\.00%<\/title>[\s\S]*<\/svg>\n$/,
    );
    const out = join(folder, "a.svg");
    expect(started({ uid: NOBODY, input: "main 1\n" }, "flame", "-")).toMatchObject({ stderr: "", status: 0 });
    const input = "main;write_[k] 2\nmain;read_[k] 2\n";
    expect(started({ input }, "flame", "-o", out, "--title", "before & after", "--unit", "", file, "-")).toEqual({
      stdout: "",
      stderr: "",
      status: 0,
    });
    expect(readFileSync(out, "utf8")).toMatch(
      /<title>before &amp; after<[\s\S]*<title>read\n2, 50\.00%; before 3, 75\.00%: -25\.00 points</,
    );
  });

  test("says what is wrong with a file or an option", () => {
    expect(started({ input: "a 1\nb\n" }, "flame", "-").stderr).toMatch(/^ERROR: standard input: line 2: a stack and/);
    expect(beetrace("flame", "missing").stderr).toBe(
      "ERROR: failed to open file 'missing': No such file or directory\n",
    );
    expect(beetrace("flame", "--nope", "x").stderr).toMatch(/^ERROR: Unknown option '--nope'\n/);
    expect(beetrace("flame", "a", "b", "c").status).toBe(1);
    expect(beetrace("flame", "--help").stdout).toMatch(/^beetrace flame draws folded stacks/);
  });
});

describe("wrong use", () => {
  test("no arguments: the help, on standard error", () => {
    const { stdout, stderr, status } = beetrace();
    expect([stdout, status]).toEqual(["", 1]);
    expect(stderr).toBe(beetrace("--help").stdout);
  });

  test("an unknown option is named", () => {
    const { stderr, status } = beetrace("--unsave", "-e", "BEGIN { }");
    expect(stderr).toMatch(/^ERROR: unknown option --unsave\nHINT: did you mean --unsafe\?.*\nUSAGE:/);
    expect(status).toBe(1);
  });

  test("a file that is not there", () => {
    expect(beetrace("missing.bt")).toEqual({
      stdout: "",
      stderr: "ERROR: failed to open file 'missing.bt': No such file or directory\n",
      status: 1,
    });
  });

  test("without privileges it says what is missing; formatting needs none", () => {
    const run = started({ uid: NOBODY }, "-e", "BEGIN { }");
    expect(run.stderr).toContain("please run beetrace as the root user.\nHINT: sudo beetrace");
    expect([run.stdout, run.status]).toEqual(["", 1]);
    expect(started({ uid: NOBODY, input: "BEGIN{exit()}" }, "--fmt", "-")).toEqual({
      stdout: "BEGIN {\n  exit();\n}\n",
      stderr: "",
      status: 0,
    });
  });
});
