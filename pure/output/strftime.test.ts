import { expect, test } from "vitest";
import { strftime } from "./strftime.ts";

const utc = (iso: string, ns = 0n) => ({
  unixNs: BigInt(Date.parse(iso)) * 1_000_000n + ns,
  utcOffsetSeconds: 0,
  zoneName: "UTC",
});

test("every conversion of C99", () => {
  const time = utc("2026-02-03T04:05:06Z", 7_008_009n);
  const formatted = (format: string) => strftime(format, time);
  expect(formatted("%a %A %b %B %h")).toBe("Tue Tuesday Feb February Feb");
  expect(formatted("%c|%x|%X|%r|%R|%T|%D|%F")).toBe(
    "Tue Feb  3 04:05:06 2026|02/03/26|04:05:06|04:05:06 AM|04:05|04:05:06|02/03/26|2026-02-03",
  );
  expect(formatted("%C %d %e %g %G %H %I %j %m %M %p %S %u %U %V %w %W %y %Y")).toBe(
    "20 03  3 26 2026 04 04 034 02 05 AM 06 2 05 06 2 05 26 2026",
  );
  expect(formatted("%n%t%%")).toBe("\n\t%");
  expect(formatted("%s %z %Z")).toBe("1770091506 +0000 UTC");
  expect(formatted("%Ec %Od")).toBe("Tue Feb  3 04:05:06 2026 03");
});

test("fractions of the second", () => {
  const time = utc("2026-02-03T04:05:06Z", 7_008_009n);
  expect(strftime("%f %k %l", time)).toBe("007008 007008009 007");
  expect(strftime("%s.%f", { ...time, unixNs: 1_000_123_000n })).toBe("1.000123");
  expect(strftime("%s.%f", { ...time, unixNs: 123_000n })).toBe("0.000123");
});

test("padding flags of glibc, and what is no conversion stays", () => {
  const time = utc("2026-02-03T04:05:06Z");
  expect(strftime("%-d %_m %0e %^a", time)).toBe("3  2 03 TUE");
  expect(strftime("%q %", time)).toBe("%q %");
  expect(strftime("%%Y", time)).toBe("%Y");
});

test("zones east and west, and half hours", () => {
  const time = utc("2026-01-01T00:30:00Z");
  expect(strftime("%F %T %z", { ...time, utcOffsetSeconds: -3600 })).toBe("2025-12-31 23:30:00 -0100");
  expect(strftime("%F %T %z", { ...time, utcOffsetSeconds: 19800 })).toBe("2026-01-01 06:00:00 +0530");
});

test("weeks around the turn of the year", () => {
  const week = (day: string) => strftime("%G-%V %U %W %j", utc(`${day}T12:00:00Z`));
  expect(week("2021-01-03")).toBe("2020-53 01 00 003");
  expect(week("2021-01-04")).toBe("2021-01 01 01 004");
  expect(week("2024-12-30")).toBe("2025-01 52 53 365");
  expect(week("2023-01-01")).toBe("2022-52 01 00 001");
});

test("midnight and noon on the twelve-hour clock; before 1970", () => {
  expect(strftime("%I %p", utc("2026-01-01T00:00:00Z"))).toBe("12 AM");
  expect(strftime("%I %P", utc("2026-01-01T12:00:00Z"))).toBe("12 pm");
  expect(strftime("%F %T.%k", { ...utc("1970-01-01T00:00:00Z"), unixNs: -1n })).toBe("1969-12-31 23:59:59.999999999");
});
