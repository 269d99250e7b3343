import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { openHandles } from "@beetrace/ebpf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { run } from "./compile-and-run.ts";
import type { RunOptions } from "./run-options.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "run-"));
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  expect(openHandles()).toEqual([]);
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let runs = 0;

/** Runs a script in this process, with its streams in files. `during` is called once it is attached. */
async function trace(source: string, options: Partial<RunOptions> = {}, during?: () => void): Promise<Outcome> {
  const outPath = join(directory, `out-${runs}`);
  const errPath = join(directory, `err-${runs++}`);
  const [outFd, errFd] = [openSync(outPath, "w"), openSync(errPath, "w")];
  try {
    const running = run({ source, sourceName: "stdin", outFd, errFd, ...options });
    if (during !== undefined) {
      while (!/^Attached /m.test(readFileSync(errPath, "utf8"))) await after(5);
      during();
    }
    const code = await running;
    return { code, out: readFileSync(outPath, "latin1"), err: readFileSync(errPath, "utf8") };
  } finally {
    closeSync(outFd);
    closeSync(errFd);
  }
}

/** `dd` that writes a byte so many times to its standard output, which its own probe filter tells by `args.fd == 1`. */
const writes = (count: number) => `dd if=/dev/zero of=/dev/null bs=1 count=${count} status=none`;

describe("exit()", () => {
  it("ends its own probe at once, however fast that fires", async () => {
    const { code, out } = await trace("interval:ms:1 { @n++; if (@n == 3) { exit(5); } }");
    expect({ code, out }).toEqual({ code: 5, out: "\n\n@n: 3\n" });
  });
});

describe("memory of the kernel", () => {
  it("is walked over pointers to pointers, and by a variable that goes from one object to the next", async () => {
    const { code, out } = await trace(
      `tracepoint:syscalls:sys_enter_write /pid == cpid && args.fd == 1/ {
        $file = curtask.files.fdt.fd[args.fd];
        $dentry = $file.f_path.dentry;
        for $i : 0..2 { printf("%s ", str($dentry.d_name.name)); $dentry = $dentry.d_parent; }
        $pwd = curtask.fs.pwd;
        $root = $pwd.dentry;
        for $i : 0..20 { $root = $root.d_parent; }
        printf("%s\\n", str($root.d_name.name));
      }`,
      { command: writes(1) },
    );
    expect({ code, out }).toEqual({ code: 0, out: "null / /\n\n\n" });
  });
});

describe("begin and end", () => {
  it("run once, and the run ends by itself", async () => {
    const { code, out, err } = await trace('BEGIN { printf("b %d\\n", 42); } END { printf("e\\n"); }');
    expect({ code, out, err }).toEqual({ code: 0, out: "b 42\ne\n\n\n", err: "Attached 2 probes\n" });
  });

  it("run in their order, and nothing that follows exit() is shown but end's", async () => {
    const source = `BEGIN { printf("1\\n"); } BEGIN { printf("2\\n"); exit(7); printf("no\\n"); }
      BEGIN { printf("no\\n"); } END { printf("end\\n"); }`;
    const { code, out } = await trace(source);
    expect({ code, out }).toEqual({ code: 7, out: "1\n2\nend\n\n\n" });
  });

  it("do not show anything in a dry run", async () => {
    const { code, out, err } = await trace('BEGIN { printf("b\\n"); } interval:s:1 { }', { dryRun: true });
    expect({ code, out, err }).toEqual({ code: 0, out: "", err: "" });
  });
});

describe("events", () => {
  it("are counted exactly", async () => {
    const source =
      "tracepoint:syscalls:sys_enter_write / pid == cpid && args.fd == 1 / { @ = count(); @b = sum(args.count); }";
    const { out, err } = await trace(source, { command: writes(1000) });
    expect({ out, err }).toEqual({ out: "\n\n@: 1000\n@b: 1000\n", err: "Attached 1 probe\n" });
  });

  it("are shown or counted as lost", async () => {
    const source = `config = { perf_rb_pages = 1 }
      tracepoint:syscalls:sys_enter_write / pid == cpid && args.fd == 1 / { printf("%s %s\\n", comm, comm); }`;
    const { out, err } = await trace(source, { command: writes(50_000) });
    const shown = out.split("dd dd\n").length - 1;
    const lost = [...err.matchAll(/^Lost (\d+) events$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    expect(lost).toBeGreaterThan(0);
    expect(shown + lost).toBe(50_000);
    expect(err).toContain(`WARNING: Total lost event count: ${lost};`);
  });

  it("of functions of a library come with the function's name and in the order of the script", async () => {
    const source = `uprobe:libc:getppid { printf("1"); @[probe] = count(); } uprobe:libc:getppid { printf("2"); }
      uretprobe:libc:getppid { @r = sum(retval == ppid ? 1 : 0); }`;
    const command = `/usr/bin/python3.11 -S -c 'import os; [os.getppid() for _ in range(100)]'`;
    const { out } = await trace(source, { command });
    expect(out.slice(0, 200)).toBe("12".repeat(100));
    expect(out.slice(200)).toMatch(/^\n\n@\[uprobe:\/\S+libc\.so\.6:getppid\]: 100\n@r: 100\n$/);
  });

  it("are the same one link at a time", async () => {
    const source = "uprobe:libc:getppid, uprobe:libc:getuid { @[probe] = count(); }";
    const command = `/usr/bin/python3.11 -S -c 'import os; [(os.getppid(), os.getuid()) for _ in range(50)]'`;
    const one = await trace(source, { command, withoutFeatures: new Set(["uprobe_multi"] as const) });
    expect(one.out.match(/getppid\]: 50\n/)?.length).toBe(1);
    expect(one).toEqual(await trace(source, { command }));
    expect(one.err).toBe("Attached 2 probes\n");
  });

  it("of timers come until exit()", async () => {
    const { code, out } = await trace("interval:ms:10 { @n++; if (@n == 3) { exit(); } }");
    expect({ code, out }).toEqual({ code: 0, out: "\n\n@n: 3\n" });
  });
});

describe("the kernel's memory", () => {
  it("is followed through pointers to pointers: to the file of a descriptor", async () => {
    const fd = openSync("/proc/self/mounts", "r");
    const { out } = await trace(
      `BEGIN { $fd = curtask.files.fdt.fd; $n = (uint64)${fd}; $file = *($fd + $n); $name = $fd[$n].f_path.dentry.d_name.name;
        print(str($name)); print(str($file.f_path.dentry.d_name.name)); }`,
    );
    closeSync(fd);
    expect(out).toBe("mounts\nmounts\n\n\n");
  });
});

describe("an iterator", () => {
  it("runs once over what there is", async () => {
    const source = `iter:task { if (ctx.task && ctx.task.tgid == ${process.pid}) { @threads = count(); } }`;
    const { code, out } = await trace(source);
    expect({ code, out }).toEqual({ code: 0, out: `\n\n@threads: ${readdirSync("/proc/self/task").length}\n` });
  });
});

describe("names", () => {
  it("are those of the running machine", async () => {
    const source = `tracepoint:syscalls:sys_enter_nanosleep, tracepoint:syscalls:sys_enter_clock_nanosleep / pid == cpid / {
      printf("%s %s %s", username, strftime("%Y", nsecs), ustack(1)); exit(); }`;
    const { out } = await trace(source, { command: "sleep 0.2" });
    const year = new Date().getFullYear();
    expect(out).toMatch(new RegExp(`^root ${year} \\n {8}(clock_)?nanosleep\\+\\d+(@\\S+:\\d+)?\\n\\n\\n$`));
  });
});

describe("a run ends", () => {
  it("by a signal, after the end probes", async () => {
    const { code, out } = await trace('interval:s:100 { } END { printf("end\\n"); }', {}, () => {
      process.kill(process.pid, "SIGTERM");
    });
    expect({ code, out }).toEqual({ code: 0, out: "end\n\n\n" });
  });

  it("with the process of -p", async () => {
    const sleeper = spawn("sleep", ["60"]);
    const { code, out } = await trace('interval:s:100 { } END { printf("end\\n"); }', { pid: sleeper.pid }, () => {
      sleeper.kill();
    });
    expect({ code, out }).toEqual({ code: 0, out: "end\n\n\n" });
  });

  it("when nobody reads its output", async () => {
    const path = join(directory, "fifo");
    execFileSync("mkfifo", [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const outFd = openSync(path, "w");
    closeSync(reader);
    const { code, err } = await trace('interval:ms:10 { printf("tick\\n"); }', { outFd });
    closeSync(outFd);
    expect({ code, err }).toEqual({ code: 0, err: "Attached 1 probe\n" });
  });
});

describe("self probes", () => {
  it("run when SIGUSR1 comes, and nothing else happens then", async () => {
    const { code, out } = await trace('self:signal:SIGUSR1 { printf("usr1\\n"); exit(); }', {}, () => {
      process.kill(process.pid, "SIGUSR1");
    });
    expect({ code, out }).toEqual({ code: 0, out: "usr1\n\n\n" });
  });
});

describe("JSON", () => {
  it("has a record a line", async () => {
    const source = 'BEGIN { printf("a\\n"); print((1, "é")); @x["k"] = 5; warnf("w"); @h = hist(3); }';
    const { out, err } = await trace(source, { format: "json" });
    expect(err).toBe("");
    const records = Buffer.from(out, "latin1").toString("utf8").trim().split("\n");
    expect(records.map((line) => JSON.parse(line))).toEqual([
      { type: "attached_probes", count: 1, data: { probes: 1 } },
      { type: "printf", data: "a\n" },
      { type: "value", data: [1, "é"] },
      { type: "warnf", msg: "w", filename: "stdin", line: 1, col: expect.any(Number) },
      { type: "hist", data: { "@h": [{ min: 2, max: 3, count: 1 }] } },
      { type: "map", data: { "@x": { k: 5 } } },
    ]);
  });
});

describe("what goes wrong", () => {
  it("in the script is told with its line, and nothing runs", async () => {
    const { code, out, err } = await trace("BEGIN { nosuch(1); }");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^stdin:1:9-15: ERROR: Unknown function: 'nosuch'\nBEGIN \{ nosuch\(1\); \}\n {8}~{6}\n/);
  });

  it("while attaching is told with the probe", async () => {
    const { code, out, err } = await trace("hardware:cycles { } interval:s:100 { }");
    expect({ code, out }).toEqual({ code: 255, out: "" });
    expect(err).toMatch(/^ERROR: Unable to attach probe: hardware:cycles:: /);
  });

  it("while attaching is passed over when the script says so", async () => {
    const config = 'config = { missing_probes = "warn" }';
    const some = await trace(`${config} hardware:cycles { } interval:ms:10 { exit(); }`);
    expect(some.code).toBe(0);
    expect(some.err).toMatch(
      /^WARNING: Unable to attach probe: hardware:cycles:: .*\. Skipping\.\nAttached 1 probe\n$/,
    );
    const none = await trace(`${config} hardware:cycles { }`);
    expect(none.code).toBe(255);
    expect(none.err).toMatch(/ERROR: Attachment failed for all probes\.\n$/);
  });

  it("in a probe is told once with its line, unless warnings are off", async () => {
    const source = "config = { max_map_keys = 1 } BEGIN { @x[1] = 1; @x[2] = 2; }";
    const { err } = await trace(source);
    expect(err).toMatch(
      /^Attached 1 probe\nstdin:1:\d+-\d+: WARNING: Map full;.*\nAdditional Info - helper: map_update_elem, retcode: -7\n.*\n *~+\n$/,
    );
    const silent = await trace(source, { warnings: 0 });
    expect(silent.err).toBe("Attached 1 probe\n");
  });

  it("with the process is told", async () => {
    const gone = spawn("true");
    await once(gone, "exit");
    const { code, err } = await trace("BEGIN { }", { pid: gone.pid });
    expect({ code, err }).toEqual({ code: 1, err: `ERROR: there is no process with PID ${gone.pid}\n` });
    expect((await trace("BEGIN { }", { command: "nosuchprogram" })).code).toBe(1);
  });
});
