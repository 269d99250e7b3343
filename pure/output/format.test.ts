import { describe, expect, test } from "vitest";
import { checkFormat, parseFormat } from "./format.ts";

const conversions = (format: string) => parseFormat(format).filter((part) => part.kind === "conversion");
const int = { kind: "int", typeName: "int64" } as const;
const string = { kind: "string", typeName: "string[4]" } as const;
const buffer = { kind: "buffer", typeName: "buffer[8]" } as const;
const decimal = { kind: "decimal", typeName: "decimal" } as const;

describe("parseFormat", () => {
  test("text, conversions and percent signs", () => {
    expect(parseFormat("a%db%%c%sd").map((part) => (part.kind === "text" ? part.text : `<${part.specifier}>`))).toEqual(
      ["a", "<d>", "b%c", "<s>", "d"],
    );
    expect(parseFormat("")).toEqual([]);
    expect(parseFormat("100%")).toEqual([{ kind: "text", text: "100%" }]);
    expect(parseFormat("%y %")).toEqual([{ kind: "text", text: "%y %" }]);
  });

  test("flags, width, precision, length", () => {
    expect(conversions("%-+ #08.3lld")).toEqual([
      {
        kind: "conversion",
        specifier: "d",
        left: true,
        sign: "+",
        alternate: true,
        zero: false,
        width: 8,
        precision: 3,
        bits: 64,
      },
    ]);
    expect(conversions("%05x")[0]).toMatchObject({ zero: true, width: 5, precision: -1, bits: 32 });
    expect(conversions("% d")[0]).toMatchObject({ sign: " " });
    expect(conversions("%999999999999s")[0].width).toBe(65536);
  });

  test("a star is no width and takes no argument", () => {
    expect(conversions("%*d %.*s")).toMatchObject([{ width: 0 }, { precision: -1 }]);
  });

  test("length modifiers", () => {
    const bits = (format: string) => conversions(format).map((part) => part.bits);
    expect(bits("%hhd %hd %d %ld %lld %jd %zd %td %Ld")).toEqual([8, 16, 32, 64, 64, 64, 64, 64, 32]);
  });

  test("the longest buffer and flag conversions win", () => {
    expect(conversions("%r %rx %rh %gr %g").map((part) => part.specifier)).toEqual(["r", "rx", "rh", "gr", "g"]);
  });
});

describe("checkFormat", () => {
  test("counts", () => {
    expect(checkFormat("%d %d", [int])?.message).toBe(
      "not enough arguments for format string (1 supplied, 2 expected)",
    );
    expect(checkFormat("%d", [int, int])?.message).toBe(
      "too many arguments for format string (2 supplied, 1 expected)",
    );
    expect(checkFormat("%d %%", [int])).toBeUndefined();
  });

  test("kinds", () => {
    expect(checkFormat("%d", [string])?.message).toBe("unsupported format specifier for type 'string[4]': d");
    expect(checkFormat("%r", [int])?.message).toBe("unsupported format specifier for type 'int64': r");
    expect(checkFormat("%rx", [buffer])).toBeUndefined();
    expect(checkFormat("%c %p %gr %x", [int, int, int, int])).toBeUndefined();
    expect(checkFormat("%s %s %s", [int, string, buffer])).toBeUndefined();
    expect(checkFormat("%s", [{ kind: "none", typeName: "none" }])?.message).toBe(
      "unable to print none type for specifier: s",
    );
  });

  test("conversions that do not exist", () => {
    expect(checkFormat("%a", [int])?.message).toBe("unsupported format specifier: a");
    expect(checkFormat("%n", [int])?.message).toBe("unsupported format specifier: n");
  });

  test("decimals", () => {
    expect(checkFormat("%f %.2e %g %d %i %s", [decimal, decimal, decimal, decimal, decimal, decimal])).toBeUndefined();
    expect(checkFormat("%f", [int])).toBeUndefined();
    expect(checkFormat("%f", [string])?.message).toBe("unsupported format specifier for type 'string[4]': f");
    expect(checkFormat("%x", [decimal])?.message).toBe("unsupported format specifier for type 'decimal': x");
  });
});
