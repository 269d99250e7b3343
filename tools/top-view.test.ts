import { describe, expect, test } from "vitest";
import type { Block } from "./blocks.ts";
import type { Column } from "./columns.ts";
import { sortKeys, TopView } from "./top-view.ts";

const COLUMNS: readonly Column[] = [
  { title: "PID", field: "pid", width: -5 },
  { title: "COMM", field: "comm", width: -6 },
  { title: "Kbytes", field: "bytes", width: 6, text: (bytes) => String(Number(bytes) / 1024) },
];
const ROWS = [
  { pid: 7, comm: "sh", bytes: 9216 },
  { pid: 12, comm: "cat\x1b", bytes: 2048 },
  { pid: 3, comm: "", bytes: 1024 },
];
const BLOCKS: readonly Block[] = [
  { kind: "lines", text: "\nload\n\n" },
  { kind: "table", columns: COLUMNS, rows: ROWS, usual: 2 },
  { kind: "lines", text: "\n" },
];

const SIZE = { columns: 80, rows: 8 };
const shown = (keys: string, blocks = BLOCKS) => {
  const view = new TopView("waiting\n", false);
  view.show(blocks);
  for (const key of keys) view.press(key);
  return view;
};
/** The processes in their order. */
const order = (keys: string) => {
  const lines = shown(keys).lines(SIZE, []);
  return lines.slice(3, 6).map((line) => Number(line.slice(0, 5)));
};

test("the screen is filled, and its last line tells of the keys", () => {
  expect(new TopView("waiting\n", false).lines({ columns: 80, rows: 3 }, [])).toEqual([
    "waiting",
    "",
    "space pause  r reverse  q quit",
  ]);
  expect(shown("").lines(SIZE, [])).toEqual([
    "load",
    "",
    "PID   COMM   Kbytes",
    "7     sh          9",
    "12    cat·        2",
    "3                 1",
    "",
    "space pause  r reverse  q quit  sort by p PID  c COMM  k Kbytes",
  ]);
  expect(shown(" rc").lines(SIZE, []).at(-1)).toBe(
    "[space go on]  [r reversed]  q quit  sort by p PID  [c COMM]  k Kbytes",
  );
});

test("keys choose the order: the greatest number first, texts by their letters, what is not there last", () => {
  expect(order("")).toEqual([7, 12, 3]);
  expect(order("p")).toEqual([12, 7, 3]);
  expect(order("c")).toEqual([12, 7, 3]);
  expect(order("pk")).toEqual([7, 12, 3]);
  expect(order("kr")).toEqual([3, 12, 7]);
  expect(order("rr")).toEqual([7, 12, 3]);
  expect(order("xz")).toEqual([7, 12, 3]);
});

test("q and Ctrl-C end it", () => {
  expect(["q", "\x03", "p", " ", "r", "x"].map((key) => shown("").press(key))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test("who has paused goes on with the next table", () => {
  const view = shown(" ");
  const later: readonly Block[] = [{ kind: "lines", text: "later\n" }];
  view.show(later);
  expect(view.lines(SIZE, [])[0]).toBe("load");
  view.press(" ");
  view.show(later);
  expect(view.lines(SIZE, [])[0]).toBe("later");
});

test("tables share a low screen with each other and with what was printed beside them", () => {
  const two: readonly Block[] = [BLOCKS[1], { kind: "lines", text: "\n" }, BLOCKS[1]];
  expect(shown("", two).lines({ columns: 19, rows: 10 }, ["one", "two", "WARNING: far too long for this"])).toEqual([
    "PID   COMM   Kbytes",
    "7     sh          9",
    "",
    "PID   COMM   Kbytes",
    "7     sh          9",
    "12    cat·        2",
    "one",
    "two",
    "WARNING: far too l…",
    "space pause  r rev…",
  ]);
  expect(shown("", [{ ...BLOCKS[1], most: 1 } as Block]).lines(SIZE, [])[2]).toBe("");
});

test("no size is too small, and no line too wide", () => {
  for (const columns of [1, 5, 20, 131])
    for (const rows of [1, 2, 3, 7, 40]) {
      const lines = shown("").lines({ columns, rows }, ["one", "two"]);
      expect(lines).toHaveLength(rows);
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
    }
});

test("what is left is what is printed without a screen, in the order that was chosen", () => {
  expect(shown("p").text()).toBe("\nload\n\nPID   COMM   Kbytes\n12    cat\x1b        2\n7     sh          9\n\n");
});

test("it is no more than the screen has room for", () => {
  const rows = Array.from({ length: 100 }, (_, pid) => ({ pid, comm: "sh", bytes: 0 }));
  const view = shown("", [{ kind: "table", columns: COLUMNS, rows }]);
  view.lines(SIZE, []);
  expect(view.text().split("\n")).toHaveLength(1 + SIZE.rows + 1);
});

describe("keys", () => {
  const keys = (...titles: string[]) =>
    [...sortKeys([{ columns: titles.map((title) => ({ title, field: title, width: 1 })) }])]
      .map(([key, field]) => `${key}:${field}`)
      .join(" ");

  test("are letters of the titles", () => {
    expect(keys("PID", "COMM", "D", "MAJ", "MIN", "DISK", "I/O", "Kbytes", "AVGms")).toBe(
      "p:PID c:COMM d:D m:MAJ i:MIN s:DISK o:I/O k:Kbytes a:AVGms",
    );
    expect(keys("READS", "R_Kb", "Q", "D", "D2")).toBe("e:READS k:R_Kb a:Q d:D b:D2");
  });

  test("are the same for a field that several tables have", () => {
    const table = { columns: [{ title: "LADDR6", field: "address", width: 1 }] };
    const first = { columns: [{ title: "ADDR", field: "address", width: 1 }] };
    expect([...sortKeys([first, table])]).toEqual([["a", "address"]]);
    const view = shown(
      "",
      [first, table].map((each) => ({ kind: "table", rows: [], ...each }) as const),
    );
    expect(view.lines(SIZE, []).at(-1)).toMatch(/ {2}sort by a ADDR$/);
  });
});
