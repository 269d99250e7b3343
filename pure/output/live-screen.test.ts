import { describe, expect, it, test } from "vitest";
import { type MapHistory, mapHistory } from "./live-history.ts";
import { type LiveState, type LiveView, livePlain, liveScreen } from "./live-screen.ts";
import { bareResolver } from "./resolver.ts";
import { columnsOf } from "./terminal-text.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const resolver = bareResolver({
  stack: () => [0x1n, 0x2n],
  ksym: (address) => ({ name: `f${address}`, offset: 0 }),
});
const COMM = { kind: "string", size: 16 } as const;
const COUNT = { kind: "count" } as const;

/** A map after a look a second at each of these contents. */
function looked(name: string, value: ValueType, key: ValueType | undefined, looks: [Value, Value][][]): MapHistory {
  const history = mapHistory({ name, value, perCpu: false, ...(key && { key }) });
  for (const look of looks)
    history.look(
      look.map(([key, value]) => ({ key, value })),
      1000,
    );
  return history;
}

const histogram = (...counts: number[]): Value => ({ kind: "histogram", buckets: new Map(counts.entries()) });

const MAPS = [
  looked("@calls", COUNT, COMM, [
    [
      ["node", 100],
      ["sh", 50],
    ],
    [
      ["node", 1300],
      ["sh", 50],
      ["\xe6\xbc\xa2", 7],
    ],
    [
      ["node", 2500],
      ["sh", 450],
      ["\xe6\xbc\xa2", 9],
    ],
  ]),
  looked("@n", { kind: "int", size: 8, signed: true }, undefined, [[[null, 5]], [[null, 12]], [[null, 26]]]),
  looked("@us", { kind: "hist", bits: 0 }, undefined, [[[null, histogram(0, 3, 9, 0, 1)]]]),
];

const state = (overrides: Partial<LiveState> = {}): LiveState => ({
  title: "a.bt",
  elapsedMs: 83_000,
  maps: MAPS,
  log: [],
  ...overrides,
});
const view = (overrides: Partial<LiveView> = {}): LiveView => ({
  columns: 90,
  rows: 24,
  order: "value",
  paused: false,
  color: false,
  ...overrides,
});
const screen = (stated: LiveState, viewed: LiveView) => `\n${liveScreen(stated, viewed, resolver).join("\n")}\n`;

describe("a screen", () => {
  it("has lines of scalars, tables of keys, and histograms", () => {
    expect(screen(state(), view())).toMatchInlineSnapshot(`
      "
      a.bt                             01:23  q quit  p pause  s sort: value  1-3 one map  0 all
      2 @n                          26       14/s  ▄▅█

      1 @calls[]  count  per s
      node        2,500   1.2k  ███████████████████████████████                              ▂██
      sh            450    400  █████▋                                                       ▂▁█
      漢              9      2  ▏                                                             █▃

      3 @us             13 in all  13/s
      [0]                    3  █████████████████████▍
      [1]                    9  ████████████████████████████████████████████████████████████████
      [2, 4)                 0  
      [4, 8)                 1  ███████▏
      "
    `);
  });

  it("that is narrow has no pictures", () => {
    expect(screen(state({ maps: MAPS.slice(0, 1) }), view({ columns: 34 }))).toMatchInlineSnapshot(`
      "
      01:23  q quit  p pause  s sort: v…

      @calls[]  count  per s
      node      2,500   1.2k
      sh          450    400
      漢            9      2
      "
    `);
  });

  it("that is low shares its lines, the last of them those that were printed", () => {
    const log = Array.from({ length: 50 }, (_, index) => `line ${index} \x9f`.replace("\x9f", "x".repeat(100)));
    expect(screen(state({ log }), view({ rows: 14, columns: 60, paused: true }))).toMatchInlineSnapshot(`
      "
      paused  q quit  p pause  s sort: value  1-3 one map  0 all
      2 @n                          26       14/s  ▄▅█

      1 @calls[] 2 of 3  count  per s
      node               2,500   1.2k  █████████████           ▂██
      sh                   450    400  ██▍                     ▂▁█

      3 @us             13 in all  13/s
      [0]                    3  ███████████▍
      [1]                    9  ██████████████████████████████████
      ────────────────────────────────────────────────────────────
      line 47 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      line 48 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      line 49 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      "
    `);
  });

  it("shows one map when it is chosen", () => {
    expect(screen(state(), view({ only: 2, rows: 5, columns: 60 }))).toMatchInlineSnapshot(`
      "
      01:23  q quit  p pause  s sort: value  1-3 one map  0 all

      3 @us             13 in all  13/s
      [0]                    3  ███████████▍
      [1]                    9  ██████████████████████████████████
      "
    `);
  });

  it("has colours where they are wanted, and is otherwise the same", () => {
    const painted = liveScreen(state({ log: ["x"] }), view({ color: true }), resolver);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const bare = painted.map((line) => line.replace(/\x1b\[[\d;]*m/g, ""));
    expect(bare).toEqual(liveScreen(state({ log: ["x"] }), view(), resolver));
    expect(painted.join("")).toContain("\x1b[34m");
  });
});

test("tables are sorted by value, by rate or by key", () => {
  const order = (order: LiveView["order"]) => {
    const maps = [
      looked("@", COUNT, COMM, [
        [
          ["a", 90],
          ["b", 10],
          ["c", 50],
        ],
        [
          ["a", 91],
          ["b", 40],
          ["c", 70],
        ],
      ]),
    ];
    return liveScreen(state({ maps }), view({ order }), resolver)
      .slice(3)
      .map((line) => line[0])
      .join("");
  };
  expect([order("value"), order("rate"), order("key")]).toEqual(["acb", "bca", "abc"]);
});

test("stacks are a line", () => {
  const kstack = { kind: "kstack", map: "s", mode: "bpftrace", limit: 9 } as const;
  const maps = [looked("@", COUNT, kstack, [[[{ kind: "stack", id: 1, pid: 0 }, 3]]])];
  expect(liveScreen(state({ maps }), view(), resolver)[3]).toMatch(/^f1\+0 < f2\+0 {2,}3 /);
});

test("other values are shown by their text", () => {
  const maps = [
    looked("@avg", { kind: "stats", signed: true }, COMM, [[["a", { kind: "average", count: 4, total: 10 }]]]),
    looked("@max", { kind: "max", signed: true }, undefined, [[[null, { kind: "extreme", value: -5, seen: true }]]]),
    looked("@s", COMM, undefined, [[[null, "a\x1bb"]]]),
    looked("@t", { kind: "tseries", intervalNs: 1e9, count: 5, agg: "max", signed: true }, undefined, [
      [
        [
          null,
          {
            kind: "tseries",
            values: new Map([
              [7n, 4],
              [6n, 8],
            ]),
          },
        ],
      ],
    ]),
    looked("@us", { kind: "hist", bits: 0 }, COMM, [[["a", histogram(1, 0, 7)]]]),
  ];
  expect(screen(state({ maps }), view())).toMatchInlineSnapshot(`
    "
    a.bt                             01:23  q quit  p pause  s sort: value  1-5 one map  0 all
    2 @max                        -5             ▁
    3 @s                         a·b              
    4 @t                           4             █▅

    1 @avg[]  count  average  total  per s
    a             4        2     10      4  ████████████████████████                         █

    5 @us[]  count  per s
    a            8      8  █████████████████████████████████                               ▂▁█
    "
  `);
});

test("no size is too small, and no line too wide", () => {
  for (const columns of [1, 5, 20, 33, 60, 131]) {
    for (const rows of [1, 2, 3, 7, 40]) {
      const lines = liveScreen(state({ log: ["one", "two"] }), view({ columns, rows }), resolver);
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(lines.filter((line) => columnsOf(line) > columns)).toEqual([]);
    }
  }
});

test("without a terminal it is a block", () => {
  const block = livePlain(state({ maps: MAPS.slice(0, 2) }), view({ rows: 3, columns: 60 }), resolver);
  expect(`\n${block.join("\n")}\n`).toMatchInlineSnapshot(`
    "
    --- 01:23

    @calls[] 2 of 3  count  per s
    node             2,500   1.2k  ██████████████            ▂██
    sh                 450    400  ██▌                       ▂▁█

    @n                            26       14/s  ▄▅█
    "
  `);
});
