/** Tables that refresh, on the whole screen of a terminal: sorted by the column that a key chooses. */
import { colored, cutTo, type JsonValue, oneLine, plain, shares } from "@beetrace/output";
import { type Block, blockText, type Table } from "./blocks.ts";
import { type Column, headerLine, plainText, rowLine } from "./columns.ts";

/** A screen, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Blocks that are printed: rows have columns of their own, which stand elsewhere. */
type Shown = Exclude<Block, { kind: "rows" }>;

/** What of the screen the lines take that went to the terminal beside it. */
const WRITTEN_SHARE = 1 / 3;
const CTRL_C = "\x03";

/** What a terminal shows of a tool's tables, and how its user wants to see them. */
export class TopView {
  readonly #paint;
  #blocks: readonly Shown[];
  #order: string | undefined;
  #isReversed = false;
  #isPaused = false;
  #hasShown = false;
  /** Of the screen, when it was drawn last. */
  #rows = Number.POSITIVE_INFINITY;

  /** `waiting` is what stands there until the first table comes. */
  constructor(waiting: string, color: boolean) {
    this.#blocks = [{ kind: "lines", text: waiting }];
    this.#paint = color ? colored : plain;
  }

  /** Whether anything has come. */
  get hasShown(): boolean {
    return this.#hasShown;
  }

  /** Tables have come; not for who has paused. */
  show(blocks: readonly Block[]): void {
    if (this.#isPaused) return;
    this.#blocks = blocks.filter((block) => block.kind !== "rows");
    this.#hasShown = true;
  }

  /** A key was pressed; whether it ends the view. */
  press(key: string): boolean {
    const field = sortKeys(this.#tables).get(key);
    if (key === " ") this.#isPaused = !this.#isPaused;
    else if (key === "r") this.#isReversed = !this.#isReversed;
    else if (field !== undefined) this.#order = field;
    return key === "q" || key === CTRL_C;
  }

  /** The lines of the screen, from the top, none wider than it is; the last tells of the keys. */
  lines({ columns, rows }: Size, written: readonly string[]): string[] {
    this.#rows = rows;
    const keys = this.#keyLine(columns);
    const room = Math.max(rows - 1, 0);
    const wantedBelow = written.length === 0 ? 0 : Math.floor(room * WRITTEN_SHARE);
    const below = wantedBelow === 0 ? [] : written.slice(-wantedBelow).map(oneLine);
    const body = this.#body(room - below.length).map(({ text, isHead }) => {
      const cut = cutTo(printable(text), columns);
      return isHead ? this.#paint("bold", cut) : cut;
    });
    const empty = Array<string>(Math.max(room - below.length - body.length, 0)).fill("");
    return [...body, ...empty, ...below.map((line) => cutTo(line, columns)), keys].slice(-rows);
  }

  /** What is shown, as it is printed where there is no screen: no more rows than the screen has. */
  text(): string {
    const printed = (table: Table) => ({ ...this.#sorted(table), usual: table.usual ?? this.#rows });
    return this.#blocks.map((block) => blockText(block.kind === "table" ? printed(block) : block)).join("");
  }

  get #tables(): readonly Table[] {
    return this.#blocks.filter((block) => block.kind === "table");
  }

  #body(room: number): Line[] {
    const parts = this.#blocks.map((block) => this.#linesOf(block));
    while (parts[0]?.[0]?.text === "") parts[0].shift();
    while (parts.at(-1)?.every(({ text }) => text === "")) parts.pop();
    const isTable = this.#blocks.map(({ kind }) => kind === "table");
    const others = parts.reduce((sum, lines, at) => sum + (isTable[at] ? 0 : lines.length), 0);
    const given = shares(
      parts.map((lines, at) => (isTable[at] ? lines.length : 0)),
      room - others,
    );
    return parts.flatMap((lines, at) => (isTable[at] ? lines.slice(0, given[at]) : lines)).slice(0, room);
  }

  #linesOf(block: Shown): Line[] {
    if (block.kind !== "table") return linesOf(blockText(block)).map((text) => ({ text, isHead: false }));
    const { columns, rows, most = rows.length } = this.#sorted(block);
    return [
      { text: headerLine(columns).trimEnd(), isHead: true },
      ...rows.slice(0, most).map((row) => ({ text: rowLine(columns, row).slice(0, -1), isHead: false })),
    ];
  }

  #sorted(table: Table): Table {
    const order = this.#order;
    const rows = order === undefined ? table.rows : table.rows.toSorted((a, b) => compare(a[order], b[order]));
    return { ...table, rows: this.#isReversed ? rows.toReversed() : rows };
  }

  #keyLine(width: number): string {
    const columns = this.#tables.flatMap((table) => table.columns);
    const titles = new Map(columns.toReversed().map(({ field, title }) => [field, title])); // the first table's
    const sorts = [...sortKeys(this.#tables)].map(([key, field]) => {
      const name = `${key} ${titles.get(field)}`;
      return field === this.#order ? `[${name}]` : name;
    });
    const fixed = [
      this.#isPaused ? "[space go on]" : "space pause",
      this.#isReversed ? "[r reversed]" : "r reverse",
      "q quit",
    ].join("  ");
    const line = sorts.length === 0 ? fixed : `${fixed}  sort by ${sorts.join("  ")}`;
    return this.#paint("dim", cutTo(line, width));
  }
}

interface Line {
  readonly text: string;
  readonly isHead: boolean;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Columns are aligned by blanks, which have to stay. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "·");
}

const TAKEN = new Set(["q", "r"]);

/**
 * The key that sorts by each field: a letter of its title, from the left, that no column before it has. A title whose
 * letters are all taken gets the next free one of the alphabet.
 */
export function sortKeys(tables: readonly Pick<Table, "columns">[]): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const seen = new Set<string>();
  for (const { field, title } of tables.flatMap(({ columns }) => columns as Column[])) {
    if (seen.has(field)) continue;
    seen.add(field);
    const wanted = `${title.toLowerCase()}abcdefghijklmnopqrstuvwxyz`;
    const key = [...wanted].find((letter) => /[a-z]/.test(letter) && !TAKEN.has(letter) && !keys.has(letter));
    if (key !== undefined) keys.set(key, field);
  }
  return keys;
}

/** The greatest number first, texts by their letters, what is not there last. */
function compare(a: JsonValue | undefined, b: JsonValue | undefined): number {
  const [left, right] = [plainText(a ?? null), plainText(b ?? null)];
  if (left === "" || right === "") return Number(left === "") - Number(right === "");
  const difference = Number(right) - Number(left);
  if (!Number.isNaN(difference)) return difference;
  return left < right ? -1 : Number(left > right);
}
