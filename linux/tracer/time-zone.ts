import type { Zone } from "@beetrace/output";

/** Rules of time zones change at whole quarters of an hour. */
const QUARTER_MS = 15 * 60 * 1000;
const QUARTERS_KEPT = 1024;

/** English as spoken in several places: each has the short names of its own zones only, and `GMT+1` for others. */
const LOCALES = ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA"];

/** The local time zone (`TZ`, else the machine's) at any moment, each quarter of an hour looked up once. */
export function localZones(): (unixNs: bigint) => Zone {
  const known = new Map<number, Zone>();
  return (unixNs) => {
    const quarter = Math.floor(Number(unixNs / 1_000_000n) / QUARTER_MS);
    let zone = known.get(quarter);
    if (zone === undefined) {
      if (known.size >= QUARTERS_KEPT) known.clear();
      zone = zoneOf(new Date(quarter * QUARTER_MS));
      known.set(quarter, zone);
    }
    return zone;
  };
}

function zoneOf(date: Date): Zone {
  const utcOffsetSeconds = date.getTimezoneOffset() * -60 || 0;
  return { utcOffsetSeconds, zoneName: nameOf(date, utcOffsetSeconds) };
}

function nameOf(date: Date, utcOffsetSeconds: number): string {
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: "short" }).formatToParts(date);
    const name = parts.find((part) => part.type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]{3,5}$/.test(name)) return name;
  }
  return offsetName(utcOffsetSeconds);
}

/** Zones without a name of their own are called by their offset: `+0530`, as in the tz database. */
function offsetName(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  const rest = minutes % 60 === 0 ? "" : two(minutes % 60);
  return `${seconds < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${rest}`;
}
