/**
 * The text of a tracefs `format` file, as printed by f_show in the kernel's kernel/trace/trace_events.c:
 * `name:`, `ID:`, the fields common to all events, an empty line, the fields of this event, `print fmt:`.
 */

/** A field of an event's record. Offsets and sizes in bytes. */
export interface TracepointField {
  readonly name: string;
  /** The C type without the name, `__data_loc` and array brackets: `char`, `const char *`, `struct sock *`. */
  readonly type: string;
  /** As the kernel wrote it: `char comm[16]`. */
  readonly declaration: string;
  readonly offset: number;
  readonly size: number;
  readonly signed: boolean;
  /** The field holds `length << 16 | offset` of data behind the record, the offset from the record's start. */
  readonly isDataLoc: boolean;
  /** As {@link isDataLoc}, the offset from the end of the field itself. Since Linux 5.17. */
  readonly isRelDataLoc: boolean;
  /** Elements of a fixed array (all dimensions together); absent for a single value and for data behind the record. */
  readonly arrayCount?: number;
  /** One of the fields every event has; scripts do not see them. */
  readonly common: boolean;
}

/** What a record of a tracepoint looks like; `category` is the folder of its file, as in `sched`. */
export interface TracepointFormat {
  readonly category: string;
  readonly name: string;
  /** The `config` of its perf event. */
  readonly id: number;
  readonly fields: readonly TracepointField[];
}

const MAX_U32 = 0xffffffff;
const FIELD = /^\tfield:([^;]+);\s*offset:(\d+);\s*size:(\d+);(?:\s*signed:(\d+);)?\s*$/;
const DECLARATION = /^(.*[^\w])?([A-Za-z_]\w*)\s*((?:\[[^\][]*\])*)$/s;
const LOCATED = /^__(rel|data)_loc\s+(.*)$/s;

/** Parses a format file; the category stands only in its path. `undefined` when it is none, or has a field that is not understood. */
export function parseTracepointFormat(text: string, category: string): TracepointFormat | undefined {
  const lines = text.split("\n");
  const name = textAfter(lines[0], "name: ");
  const id = Number(textAfter(lines[1], "ID: ") ?? Number.NaN);
  if (name === undefined || name === "" || !isU32(id)) return undefined;
  const fields: TracepointField[] = [];
  let common = true;
  for (const line of lines.slice(2)) {
    if (line === "") common = false;
    else if (line.startsWith("print fmt:")) break;
    else if (line.startsWith("\tfield:")) {
      const field = parseField(line, common);
      if (!field) return undefined;
      fields.push(field);
    }
  }
  return fields.length > 0 ? { category, name, id, fields } : undefined;
}

function textAfter(line: string | undefined, prefix: string): string | undefined {
  return line?.startsWith(prefix) ? line.slice(prefix.length).trim() : undefined;
}

function isU32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_U32;
}

function parseField(line: string, common: boolean): TracepointField | undefined {
  const match = FIELD.exec(line);
  if (!match) return undefined;
  const [, declaration, offsetText, sizeText, signed] = match;
  const located = LOCATED.exec(declaration);
  const parts = splitDeclaration(located ? located[2] : declaration);
  const offset = Number(offsetText);
  const size = Number(sizeText);
  if (!parts || !isU32(offset) || !isU32(size)) return undefined;
  const arrayCount = located ? undefined : countOf(parts.dimensions, parts.type, size);
  return {
    name: parts.name,
    type: parts.type,
    declaration,
    offset,
    size,
    signed: signed === "1",
    isDataLoc: located?.[1] === "data",
    isRelDataLoc: located?.[1] === "rel",
    ...(arrayCount !== undefined && { arrayCount }),
    common,
  };
}

/** `char comm[16]` -> `char`, `comm`, `[16]`; the kernel also writes `char[] name` for data behind the record. */
function splitDeclaration(text: string): { type: string; name: string; dimensions: string } | undefined {
  const match = DECLARATION.exec(text.trim());
  if (!match) return undefined;
  const [, before = "", name, dimensions] = match;
  const type = before.replace(/\[[^\][]*\]\s*$/, "").trim();
  return type === "" ? undefined : { type, name, dimensions };
}

/** Elements of an array. Old kernels print constants by name (`[TASK_COMM_LEN]`): then only bytes can be counted. */
function countOf(dimensions: string, type: string, size: number): number | undefined {
  if (dimensions === "") return undefined;
  const counts = dimensions
    .slice(1, -1)
    .split("][")
    .map((count) => (/^\d+$/.test(count) ? Number(count) : Number.NaN));
  const product = counts.reduce((total, count) => total * count, 1);
  if (isU32(product)) return product;
  return /\b(?:char|u8|s8|__u8|uint8_t|int8_t|bool)$/.test(type) ? size : undefined;
}
