/** How `--test` and `--bench` show what came of tests and benchmarks, in the forms of GoogleTest and Google Benchmark. */

/** What came of a test. `output` is byte text: all that it printed. */
export interface TestResult {
  readonly name: string;
  readonly durationNs: number;
  readonly passed: boolean;
  readonly output: string;
}

/** What came of a benchmark: the mean time of one iteration. */
export interface BenchmarkResult {
  readonly name: string;
  readonly averageNs: number;
  readonly iterations: number;
}

const GREEN = "\x1b[32m";
const RED = "\x1b[31m";
const RESET = "\x1b[0m";

/** The lines of a run of tests. */
export class TestText {
  readonly #color: boolean;
  constructor(color: boolean) {
    this.#color = color;
  }

  /** Comes before the first test. */
  start(count: number): string {
    return `${this.#tag("==========")} Running ${tests(count)}.\n`;
  }

  /** What a test printed is shown only where it failed. */
  result({ name, durationNs, passed, output }: TestResult): string {
    const said = passed ? [] : output.split("\n").filter((line) => line !== "");
    const end = `${passed ? this.#tag("       OK ") : this.#tag("  FAILED  ", RED)} ${name} (${duration(durationNs)})`;
    return [`${this.#tag(" RUN      ")} ${name}`, ...said, end].map((line) => `${line}\n`).join("");
  }

  /** Comes after the last test. */
  summary(results: readonly TestResult[]): string {
    const failed = results.filter(({ passed }) => !passed);
    const lines = [
      `${this.#tag("==========")} ${tests(results.length)} ran.`,
      `${this.#tag("  PASSED  ")} ${tests(results.length - failed.length)}.`,
    ];
    if (failed.length > 0) lines.push(`${this.#tag("  FAILED  ", RED)} ${tests(failed.length)}, listed below:`);
    for (const { name } of failed) lines.push(`${this.#tag("  FAILED  ", RED)} ${name}`);
    return lines.map((line) => `${line}\n`).join("");
  }

  #tag(word: string, color = GREEN): string {
    return this.#color ? `${color}[${word}]${RESET}` : `[${word}]`;
  }
}

function tests(count: number): string {
  return `${count} ${count === 1 ? "test" : "tests"}`;
}

const UNITS = [
  [1_000_000_000, "s"],
  [1_000_000, "ms"],
  [1000, "us"],
] as const;

/** In the largest unit that it has one of, cut to whole ones. */
function duration(ns: number): string {
  const [size, unit] = UNITS.find(([each]) => ns >= each) ?? [1, "ns"];
  return `${Math.floor(ns / size)} ${unit}`;
}

const NAME_WIDTH = 40;
const TIME_WIDTH = 15;
const ITERATIONS = "Iterations";

/** The lines of a table of benchmarks, whose names are known beforehand. */
export class BenchmarkText {
  readonly #nameWidth: number;
  constructor(names: readonly string[]) {
    this.#nameWidth = Math.max(NAME_WIDTH, ...names.map((name) => name.length)) + 1;
  }

  /** Comes before the first benchmark. */
  get heading(): string {
    const rule = "-".repeat(this.#nameWidth + TIME_WIDTH + ITERATIONS.length);
    return `${this.#row("Benchmark", "Time(ns)", ITERATIONS)}${rule}\n`;
  }

  result({ name, averageNs, iterations }: BenchmarkResult): string {
    return this.#row(name, String(averageNs), String(iterations));
  }

  #row(name: string, time: string, iterations: string): string {
    return `${name.padEnd(this.#nameWidth)}${time.padEnd(TIME_WIDTH)}${iterations}\n`;
  }
}
