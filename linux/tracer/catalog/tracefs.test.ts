import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CatalogError } from "@beetrace/compiler/target";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAvailableEvents, Tracefs } from "./tracefs.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tracefs-"));
  for (const [category, name, id] of [
    ["sched", "sched_switch", 3],
    ["sched", "sched_wakeup", 2],
    ["sock", "inet-state", 1],
  ]) {
    const directory = join(root, "events", `${category}`, `${name}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, "format"),
      `name: ${name}\nID: ${id}\nformat:\n\tfield:int x;\toffset:0;\tsize:4;\tsigned:1;\n`,
    );
  }
  mkdirSync(join(root, "events", "sched", "not_an_event"));
  writeFileSync(join(root, "available_events"), "sock:inet-state\nsched:sched_wakeup\nsched:sched_switch\n");
});
afterEach(() => rmSync(root, { recursive: true }));

const written = (events: readonly { category: string; name: string }[]) =>
  events.map((event) => `${event.category}:${event.name}`);

describe("Tracefs", () => {
  it("lists and matches tracepoints, sorted", () => {
    const tracefs = new Tracefs(root);
    expect(written(tracefs.events())).toEqual(["sched:sched_switch", "sched:sched_wakeup", "sock:inet-state"]);
    expect(tracefs.categories()).toEqual(["sched", "sock"]);
    expect(written(tracefs.matching("*", "*e*t*"))).toEqual(["sched:sched_switch", "sock:inet-state"]);
    expect(written(tracefs.matching("sched", "*"))).toEqual(["sched:sched_switch", "sched:sched_wakeup"]);
    expect(written(tracefs.matching("sock", "inet-state"))).toEqual(["sock:inet-state"]);
    expect(tracefs.matching("sock", "absent")).toEqual([]);
    expect(tracefs.matching("absent", "*")).toEqual([]);
  });

  it("reads formats", () => {
    const tracefs = new Tracefs(root);
    expect(tracefs.format("sched", "sched_wakeup")).toMatchObject({ category: "sched", name: "sched_wakeup", id: 2 });
    expect(tracefs.format("sched", "absent")).toBeUndefined();
    expect(tracefs.format("sched/..", "sched")).toBeUndefined();
    expect(tracefs.has("..", "events")).toBe(false);
  });

  it("says what to do when it cannot be read", () => {
    expect(() => new Tracefs(join(root, "none")).events()).toThrow(CatalogError);
  });
});

it("parses available_events", () => {
  expect(parseAvailableEvents("b:x\na:z \na:y\n\nodd\n")).toEqual([
    { category: "a", name: "y" },
    { category: "a", name: "z" },
    { category: "b", name: "x" },
  ]);
});
