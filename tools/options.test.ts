import { expect, test } from "vitest";
import { optionsOf, readGiven } from "./options.ts";
import { type Tool, ToolError } from "./tool.ts";

const TOOL: Tool = {
  name: "bees",
  summary: "counts bees",
  group: "kernel",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "these processes only" },
    { long: "failed", letter: "x", help: "only those that failed" },
    { long: "hive", letter: "h", argument: "HIVE", help: "of a hive" },
    { long: "hives", argument: "N", kind: "int", help: "how many hives" },
    { long: "exec", argument: "COMMAND…", kind: "rest", help: "runs a command" },
  ],
  positionals: [
    { name: "interval", kind: "number", help: "seconds" },
    { name: "count", kind: "int", help: "how many" },
  ],
  examples: [],
  hooks: "none",
  plan: () => ({ answer: "" }),
};

/** What is wrong with such arguments. */
function problem(line: string, tool = TOOL): string {
  try {
    readGiven(tool, line.split(" "));
  } catch (error) {
    if (error instanceof ToolError) return `${error.message}${error.hint === undefined ? "" : `; ${error.hint}`}`;
    throw error;
  }
  return "";
}

const QUEUE = { long: "queue-time", also: ["queued"], argument: "N", kind: "int", help: "waits" } as const;
const HELP = "beetrace bees --help shows all options";

test.each([
  ["--hlep", `bees has no option --hlep; did you mean --help? ${HELP}`],
  ["--faild", `bees has no option --faild; did you mean --failed? ${HELP}`],
  ["-xQ", `bees has no option -Q; ${HELP}`],
  ["-p", `--pid needs an argument: --pid PID; ${HELP}`],
  ["-p -5", `--pid needs an argument: --pid PID; ${HELP}`],
  ["--hives -5", `--hives needs an argument: --hives N; ${HELP}`],
  ["--hive", `--hive needs an argument: --hive HIVE; ${HELP}`],
  ["--failed=3", `--failed takes no argument; ${HELP}`],
  ["--pid=-1", "--pid: '-1' is not a list of whole numbers"],
  ["--hives 1.5", "--hives: '1.5' is not a whole number"],
  ["--hives 99999999999999999999", "--hives: '99999999999999999999' is not a whole number"],
  ["soon", "interval: 'soon' is not a number"],
  ["1 2.5", "count: '2.5' is not a whole number"],
  ["1 2 3", "bees: '3' is one argument too many; beetrace bees --help shows what it takes"],
  ["--exec", "--exec needs a command"],
])("%s", (line, message) => expect(problem(line)).toBe(message));

test("arguments as they were given", () => {
  const given = readGiven(TOOL, ["-xp1,2", "0.5", "-p", "3", "--exec", "sh", "-c", "it's"]);
  expect(given.ints("pid")).toEqual([1, 2, 3]);
  expect([given.has("failed"), given.has("hive"), given.int("interval"), given.has("count")]).toEqual([
    true,
    false,
    0.5,
    false,
  ]);
  expect(given.text("exec")).toBe("'sh' '-c' 'it'\\''s'");
});

test("names in full, by their beginning, by another name", () => {
  const names = (line: string) => {
    const given = readGiven({ ...TOOL, options: [...TOOL.options, QUEUE] }, line.split(" "));
    return [QUEUE, ...TOOL.options].map(({ long }) => long).filter((name) => given.has(name));
  };
  expect(names("--fail")).toEqual(["failed"]);
  expect(names("--hive=5")).toEqual(["hive"]);
  expect(names("--queue_time 3")).toEqual(["queue-time"]);
  expect(names("--queued=3")).toEqual(["queue-time"]);
  const most = { long: "max-rows", argument: "N", help: "rows" };
  const ofMost = readGiven({ ...TOOL, options: [most] }, ["--max", "3"]);
  expect([ofMost.text("max-rows"), ofMost.has("max-overhead")]).toEqual(["3", false]);
  expect(problem("--hiv 5")).toBe(`bees has no option --hiv; did you mean --hive? ${HELP}`);
  expect(problem("--contain x", { ...TOOL, hasNoTasks: true })).toMatch(/^bees has no option --contain/);
  expect(problem("--container x", { ...TOOL, hasNoTasks: true })).toBe(
    `bees has no option --container: what it shows is no task's doing; ${HELP}`,
  );
});

test("a letter has one meaning: a tool's own goes before", () => {
  const options = optionsOf(TOOL);
  expect(options.filter(({ letter }) => letter === "h").map(({ long }) => long)).toEqual(["hive"]);
  expect(options.filter(({ long }) => long === "pid")).toHaveLength(1);
  expect(optionsOf({ ...TOOL, hasNoTasks: true }).some(({ long }) => long === "container")).toBe(false);
});
