import { CONFIG_DEFAULTS, type CompiledScript, RUNTIME_MAP, type RuntimeSite, singleSource } from "@beetrace/compiler";
import { Collection, fakeSys } from "@beetrace/ebpf";
import { bareResolver } from "@beetrace/output";
import { describe, expect, it, onTestFinished } from "vitest";
import { JsonPrinter } from "./json-printer.ts";
import { failureAt, RuntimeSites, type WarningLevel } from "./runtime-sites.ts";
import { OutputSink } from "./sink.ts";
import { TextPrinter } from "./text-printer.ts";

const SOURCE = { sources: singleSource("stdin", "BEGIN { @x[1] = 1; }\n"), color: false };
const AT = { start: 8, end: 17 };
const SITES: readonly RuntimeSite[] = [
  { kind: "lost", program: 0 },
  { kind: "map-update", helper: "map_update_elem", map: "@x", at: AT, program: 0 },
  { kind: "helper", helper: "probe_read_user", at: AT, program: 0 },
  { kind: "lost", program: 1 },
  { kind: "stack", helper: "ustack", at: AT, program: 0 },
];

function watching(level: WarningLevel, Printer: typeof TextPrinter | typeof JsonPrinter = TextPrinter) {
  const shared = new ArrayBuffer(4096);
  const counters = new BigInt64Array(shared);
  const map = { name: RUNTIME_MAP, type: "BPF_MAP_TYPE_ARRAY", keySize: 4, valueSize: 16 * SITES.length } as const;
  const spec = { maps: [{ ...map, maxEntries: 1, flags: 1 << 10 }], programs: [] };
  const collection = Collection.load(spec, { sys: fakeSys({ mmap: () => shared }) });
  onTestFinished(() => collection[Symbol.dispose]());
  const compiled: CompiledScript = {
    collection: spec,
    programs: [],
    actions: [],
    maps: [],
    probeNames: [],
    packetFiles: [],
    params: [],
    runtimeSites: SITES,
    config: CONFIG_DEFAULTS,
  };
  let text = "";
  const write = (_fd: number, bytes: Uint8Array) => {
    text += Buffer.from(bytes).toString("latin1");
    return bytes.length;
  };
  const sink = new OutputSink({ fd: 1, mode: "none", write });
  const sites = new RuntimeSites(compiled, collection, new Printer(sink, sink, SOURCE, bareResolver()), level);
  const taken = () => {
    const said = text;
    text = "";
    return said;
  };
  const happen = (site: number, times: number, code = 0) => {
    counters[site * 2] += BigInt(times);
    counters[site * 2 + 1] = BigInt(code);
  };
  return { sites, taken, happen };
}

describe("RuntimeSites", () => {
  it("tells lost events as they come, of all programs together, and their total", () => {
    const { sites, taken, happen } = watching(1);
    sites.check();
    expect(taken()).toBe("");
    happen(0, 3);
    happen(3, 4);
    sites.check();
    expect(taken()).toBe("Lost 7 events\n");
    sites.check();
    expect(taken()).toBe("");
    happen(3, 1);
    sites.finish();
    expect(taken()).toBe(
      "Lost 1 events\nWARNING: Total lost event count: 8; a larger ring buffer (perf_rb_pages) loses fewer\n",
    );
    expect(sites.lostEvents).toBe(8);
  });

  it("tells a failure at once, with its place, then once a second how often, and the rest at the end", () => {
    const { sites, taken, happen } = watching(1);
    happen(1, 1, -7);
    sites.check();
    const said = taken();
    expect(said).toMatch(/^stdin:1:9-18: WARNING: Map full; can't update element\./);
    expect(said).toMatch(
      /`let @a = hash\(5000\)`\nAdditional Info - helper: map_update_elem, retcode: -7\nBEGIN \{ @x\[1\] = 1; \}\n {8}~{9}\n$/,
    );
    happen(1, 4, -7);
    for (let check = 0; check < 9; check++) sites.check();
    expect(taken()).toBe("");
    happen(1, 1, -7);
    sites.check();
    expect(taken()).toMatch(/^stdin:1:9-18: WARNING: Map full.* \(5 times\)\nAdditional Info/);
    happen(1, 2, -7);
    sites.check();
    expect(taken()).toBe("");
    sites.finish();
    expect(taken()).toMatch(/^stdin:1:9-18: WARNING: Map full.* \(2 times\)\n/);
    sites.finish();
    expect(taken()).toBe("");
  });

  it("is silent about stacks that nobody has unless asked for, and about everything with level 0", () => {
    for (const [level, lines] of [
      [0, 0],
      [1, 0],
      [2, 3],
    ] as const) {
      const { sites, taken, happen } = watching(level);
      happen(4, 1, -14);
      sites.check();
      expect(taken().split("\n").length - 1).toBe(lines);
    }
  });

  it("has records of its own in JSON", () => {
    const { sites, taken, happen } = watching(2, JsonPrinter);
    happen(0, 2);
    happen(2, 1, -14);
    sites.check();
    expect(
      taken()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        type: "helper_error",
        msg: "Bad address",
        helper: "probe_read_user",
        retcode: -14,
        filename: "stdin",
        line: 1,
        col: 9,
      },
      { type: "lost_events", count: 2, data: { events: 2 } },
    ]);
  });

  it("counts beyond 32 bits", () => {
    const { sites, happen } = watching(0);
    happen(0, 2 ** 40 + 5);
    sites.check();
    expect(sites.lostEvents).toBe(2 ** 40 + 5);
  });
});

describe("failureAt", () => {
  it("words what is no helper's fault", () => {
    expect(failureAt({ kind: "division", at: AT, program: 0 }, 0)).toEqual({
      message: "Divide or modulo by 0 detected. This can lead to unexpected results. 1 is being used as the result.",
      at: AT,
      times: 1,
    });
    expect(failureAt({ kind: "stack", helper: "kstack", at: AT, program: 0 }, -17, 3)).toEqual({
      message: "Error reading kstack: File exists.",
      at: AT,
      times: 3,
      isStack: true,
    });
  });

  it("words what a helper's code means", () => {
    const failure = (helper: string, code: number) => failureAt({ kind: "helper", helper, program: 0 }, code);
    expect(failure("map_delete_elem", -2)).toEqual({
      message: "Can't delete map element because it does not exist.",
      times: 1,
      helper: { name: "map_delete_elem", code: -2, reason: "No such file or directory" },
    });
    expect(failure("map_lookup_elem", 0).helper?.reason).toBe("Success");
    expect(failure("probe_read_user", -14).message).toBe("Bad address");
  });
});
