import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalDigits } from "./decimal.ts";
import { decoder } from "./decode.ts";
import { checkFormat, parseFormat } from "./format.ts";
import { histBucketOf, histBucketRange, lhistBucketOf, lhistBucketRange } from "./histogram.ts";
import { formatJson } from "./json.ts";
import { printMapJson } from "./map-json.ts";
import { type MapLayout, readEntries } from "./map-layout.ts";
import { printMapText } from "./map-text.ts";
import { memoryOf } from "./memory.ts";
import { printfRenderer } from "./printf.ts";
import { bareResolver } from "./resolver.ts";
import { strftime } from "./strftime.ts";
import { formatText } from "./text.ts";
import { alignOf, sizeOf, type ValueType } from "./type.ts";

const SEEDED = { seed: 20260801, numRuns: 500 };
const resolver = bareResolver({
  stack: (_map, id) => [BigInt(id), 0xffffffffffffffffn],
  ksym: (address) => (BigInt(address) % 2n === 0n ? { name: "even", offset: 1 } : undefined),
});

const leaf = fc.oneof(
  fc.constantFrom<ValueType>(
    { kind: "none" },
    { kind: "bool" },
    { kind: "pointer" },
    { kind: "ksym" },
    { kind: "usym" },
    { kind: "inet" },
    { kind: "mac" },
    { kind: "username" },
    { kind: "probe" },
    { kind: "name", names: ["a", "b"] },
    { kind: "cgroup-path", pattern: "" },
    { kind: "timestamp", clock: "boot", format: "%F %T.%f" },
    { kind: "kstack", map: "s", mode: "perf", limit: 2 },
    { kind: "ustack", map: "s", mode: "bpftrace", limit: 2 },
    {
      kind: "enum",
      size: 2,
      signed: true,
      name: "e",
      variants: [
        [-1n, "MINUS"],
        [0n, "ZERO"],
      ],
    },
  ),
  fc.record({
    kind: fc.constant("int" as const),
    size: fc.constantFrom<1 | 2 | 4 | 8>(1, 2, 4, 8),
    signed: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("string" as const), size: fc.nat(40) }),
  fc.record({ kind: fc.constant("buffer" as const), capacity: fc.nat(40) }),
);

/** Nested types, laid out with natural alignment, and packed where `packed` says so. */
const anyType: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie("type"), fc.nat(4))
      .map(([element, count]): ValueType => ({ kind: "array", element, count, stride: sizeOf(element) })),
    fc.tuple(fc.array(tie("type"), { maxLength: 4 }), fc.boolean()).map(([types, packed]): ValueType => {
      let size = 0;
      const fields = types.map((type, index) => {
        const alignment = packed ? 1 : alignOf(type);
        const offset = Math.ceil(size / alignment) * alignment;
        size = offset + sizeOf(type);
        return { name: `f${index}`, offset, type };
      });
      return { kind: "record", size, fields };
    }),
  ),
})).type;

test("any bytes of any type decode, and have a text and valid JSON", () => {
  fc.assert(
    fc.property(anyType, fc.uint8Array({ minLength: 4096, maxLength: 4096 }), fc.nat(7), (type, bytes, shift) => {
      const aligned = decoder(type)(memoryOf(bytes), 0);
      expect(typeof formatText(type, aligned, resolver)).toBe("string");
      JSON.parse(formatJson(type, aligned, resolver));
      const moved = new Uint8Array(bytes.length + 8);
      moved.set(bytes, shift);
      expect(decoder(type, false)(memoryOf(moved), shift)).toEqual(aligned);
    }),
    { ...SEEDED, numRuns: 150 },
  );
});

test("any elements of any map print", () => {
  const values = fc.oneof(
    fc.constantFrom<ValueType>(
      { kind: "count" },
      { kind: "sum", signed: true },
      { kind: "min", signed: true },
      { kind: "max", signed: false },
      { kind: "avg", signed: true },
      { kind: "stats", signed: false },
    ),
    leaf,
  );
  fc.assert(
    fc.property(
      leaf,
      values,
      fc.nat(5),
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      (key, value, count, cpus, noise) => {
        const fill = (size: number) => Uint8Array.from({ length: size }, () => noise.next().value);
        const layout: MapLayout = { name: "@m", key, value, perCpu: cpus > 1 };
        const raw = {
          count,
          cpus,
          keys: fill(count * sizeOf(key)),
          values: fill(count * cpus * ((sizeOf(value) + 7) & ~7)),
        };
        const entries = readEntries(layout, raw);
        expect(entries).toHaveLength(count);
        for (const options of [{}, { top: 2, div: 3 }]) {
          printMapText(layout, entries, options, resolver);
          const line = printMapJson(layout, entries, options, resolver);
          if (line !== "") JSON.parse(line);
        }
      },
    ),
    SEEDED,
  );
});

const formats = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "%",
        "%%",
        "-",
        "+",
        " ",
        "#",
        "0",
        "*",
        ".",
        "12",
        "h",
        "l",
        "ll",
        "j",
        ..."diouxXeEfFgGaAcspnr",
      ),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(""));
const argument = fc.oneof(
  leaf.map((type) => ({ offset: 0, type })),
  fc.double().map((value) => ({ decimal: { kind: "literal" as const, value } })),
);

test("any format parses, and renders any arguments that pass its check", () => {
  fc.assert(
    fc.property(
      formats,
      fc.array(argument, { minLength: 8, maxLength: 8 }),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      (format, supply, bytes) => {
        const conversions = parseFormat(format).filter((part) => part.kind === "conversion");
        const args = Array.from(conversions, (_, index) => supply[index % supply.length]);
        const kinds = args.map((arg) => ({
          kind: "decimal" in arg ? ("decimal" as const) : arg.type.kind,
          typeName: "t",
        }));
        const rendered = printfRenderer(format, args, resolver)(memoryOf(bytes), 0);
        if (checkFormat(format, kinds) === undefined) expect(rendered).not.toContain("!{invalid integer");
        expect(typeof rendered).toBe("string");
      },
    ),
    { ...SEEDED, numRuns: 2000 },
  );
});

test("any decimal has digits that read back to nearly the same value", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(decimalDigits(value, "e", 17))).toBe(Math.abs(value));
      const general = Number(decimalDigits(value, "g", 6));
      if (Math.abs(value) > 1e-300)
        expect(Math.abs(general - Math.abs(value))).toBeLessThanOrEqual(Math.abs(value) * 5.01e-6);
    }),
    SEEDED,
  );
});

test("any value falls into the bucket whose range holds it", () => {
  const wide = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
  fc.assert(
    fc.property(
      wide,
      fc.nat(62),
      fc.nat(5),
      fc.nat(1000),
      fc.integer({ min: 1, max: 5000 }),
      fc.nat(999),
      (value, shift, bits, min, step, steps) => {
        const near = value >> BigInt(shift);
        const holds = ({ from, to }: { from?: number | bigint; to?: number | bigint }) =>
          (from === undefined || near >= from) && (to === undefined || near < to);
        expect(holds(histBucketRange(bits, histBucketOf(near, bits)))).toBe(true);
        const max = min + step * (steps + 1);
        expect(holds(lhistBucketRange(min, max, step, lhistBucketOf(near, min, max, step)))).toBe(true);
      },
    ),
    { ...SEEDED, numRuns: 2000 },
  );
});

test("any strftime format at any time", () => {
  fc.assert(
    fc.property(fc.string(), fc.bigInt({ min: -(1n << 63n), max: 1n << 64n }), (format, unixNs) => {
      const withConversions = format.replace(/[a-z]/gi, "%$&");
      expect(typeof strftime(withConversions, { unixNs, utcOffsetSeconds: -4500, zoneName: "X" })).toBe("string");
    }),
    SEEDED,
  );
});
