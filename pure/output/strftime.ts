/** A moment with the rule of the time zone it is shown in. */
export interface LocalTime {
  readonly unixNs: bigint;
  readonly utcOffsetSeconds: number;
  readonly zoneName: string;
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAY_MS = 86_400_000;

/** Broken-down time: `date` holds the local wall clock in its UTC fields. */
interface Moment extends LocalTime {
  readonly date: Date;
  readonly seconds: bigint;
  readonly fractionNs: bigint;
}

/** A number with its usual width and the character that fills it, or text. */
type Field = string | { readonly number: number; readonly width: number; readonly fill: string };

/**
 * C99 `strftime` in the C locale, with glibc's `%P`, `%s` and padding flags, and with bpftrace's fractions of the
 * second: `%f` microseconds (6 digits), `%k` nanoseconds (9), `%l` milliseconds (3).
 */
export function strftime(format: string, time: LocalTime): string {
  const moment = momentOf(time);
  return format.replace(/%([-_0^#]?)[EO]?([a-zA-Z%])/g, (written: string, flag: string, conversion: string) => {
    const field = fieldOf(conversion, moment);
    return field === undefined ? written : fieldText(field, flag);
  });
}

function momentOf(time: LocalTime): Moment {
  const seconds = floorDivide(time.unixNs, 1_000_000_000n);
  const fractionNs = time.unixNs - seconds * 1_000_000_000n;
  const date = new Date((Number(seconds) + time.utcOffsetSeconds) * 1000);
  return { ...time, seconds, fractionNs, date };
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function fieldText(field: Field, flag: string): string {
  if (typeof field === "string") return flag === "^" ? field.toUpperCase() : field;
  const digits = String(field.number);
  if (flag === "-") return digits;
  const fill = flag === "_" ? " " : flag === "0" ? "0" : field.fill;
  return digits.padStart(field.width, fill);
}

const two = (number: number): Field => ({ number, width: 2, fill: "0" });

const FIELDS: Readonly<Record<string, (moment: Moment) => Field>> = {
  a: ({ date }) => DAYS[date.getUTCDay()].slice(0, 3),
  A: ({ date }) => DAYS[date.getUTCDay()],
  b: ({ date }) => MONTHS[date.getUTCMonth()].slice(0, 3),
  B: ({ date }) => MONTHS[date.getUTCMonth()],
  c: (moment) => strftime("%a %b %e %H:%M:%S %Y", moment),
  C: ({ date }) => two(Math.floor(date.getUTCFullYear() / 100)),
  d: ({ date }) => two(date.getUTCDate()),
  D: (moment) => strftime("%m/%d/%y", moment),
  e: ({ date }) => ({ number: date.getUTCDate(), width: 2, fill: " " }),
  f: ({ fractionNs }) => String(fractionNs / 1000n).padStart(6, "0"),
  F: (moment) => strftime("%Y-%m-%d", moment),
  g: ({ date }) => two(isoWeek(date).year % 100),
  G: ({ date }) => ({ number: isoWeek(date).year, width: 1, fill: "0" }),
  h: ({ date }) => MONTHS[date.getUTCMonth()].slice(0, 3),
  H: ({ date }) => two(date.getUTCHours()),
  I: ({ date }) => two(date.getUTCHours() % 12 || 12),
  j: ({ date }) => ({ number: yearDay(date) + 1, width: 3, fill: "0" }),
  k: ({ fractionNs }) => String(fractionNs).padStart(9, "0"),
  l: ({ fractionNs }) => String(fractionNs / 1_000_000n).padStart(3, "0"),
  m: ({ date }) => two(date.getUTCMonth() + 1),
  M: ({ date }) => two(date.getUTCMinutes()),
  n: () => "\n",
  p: ({ date }) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  P: ({ date }) => (date.getUTCHours() < 12 ? "am" : "pm"),
  r: (moment) => strftime("%I:%M:%S %p", moment),
  R: (moment) => strftime("%H:%M", moment),
  s: ({ seconds }) => String(seconds),
  S: ({ date }) => two(date.getUTCSeconds()),
  t: () => "\t",
  T: (moment) => strftime("%H:%M:%S", moment),
  u: ({ date }) => ({ number: date.getUTCDay() || 7, width: 1, fill: "0" }),
  U: ({ date }) => two(Math.floor((yearDay(date) + 7 - date.getUTCDay()) / 7)),
  V: ({ date }) => two(isoWeek(date).week),
  w: ({ date }) => ({ number: date.getUTCDay(), width: 1, fill: "0" }),
  W: ({ date }) => two(Math.floor((yearDay(date) + 7 - ((date.getUTCDay() + 6) % 7)) / 7)),
  x: (moment) => strftime("%m/%d/%y", moment),
  X: (moment) => strftime("%H:%M:%S", moment),
  y: ({ date }) => two(((date.getUTCFullYear() % 100) + 100) % 100),
  Y: ({ date }) => ({ number: date.getUTCFullYear(), width: 1, fill: "0" }),
  z: ({ utcOffsetSeconds }) => offsetText(utcOffsetSeconds),
  Z: ({ zoneName }) => zoneName,
  "%": () => "%",
};

function fieldOf(conversion: string, moment: Moment): Field | undefined {
  return Object.hasOwn(FIELDS, conversion) ? FIELDS[conversion](moment) : undefined;
}

/** Days since the first of January. */
function yearDay(date: Date): number {
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  return Math.round((midnight - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS);
}

/** ISO 8601: a week belongs to the year that holds its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS);
  return { year: thursday.getUTCFullYear(), week: Math.floor(yearDay(thursday) / 7) + 1 };
}

function offsetText(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const hours = Math.floor(minutes / 60);
  return `${seconds < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}${String(minutes % 60).padStart(2, "0")}`;
}
