/** A type as debug information describes it. What others refer to is looked up when it is asked for: types go in circles. */
export type DebugType =
  | {
      readonly kind: "base";
      readonly name: string;
      readonly sizeBytes: number;
      /** `char` is a number of one byte that stands for a character; `other` is what computes as no integer. */
      readonly encoding: "signed" | "unsigned" | "signed-char" | "unsigned-char" | "boolean" | "float" | "other";
    }
  | {
      readonly kind: "pointer";
      /** A reference of C++ is a pointer that is written as what it points to. */
      readonly reference: "" | "&" | "&&";
      /** `undefined` is void. */
      readonly to: DebugType | undefined;
    }
  | DebugStruct
  | {
      readonly kind: "enum";
      /** Empty where it has none. */
      readonly name: string;
      readonly sizeBytes: number;
      readonly signed: boolean;
      readonly constants: readonly { readonly name: string; readonly value: bigint }[];
    }
  | { readonly kind: "array"; readonly of: DebugType | undefined; readonly counts: readonly number[] }
  | { readonly kind: "typedef"; readonly name: string; readonly to: DebugType | undefined }
  | {
      readonly kind: "qualified";
      readonly qualifier: "const" | "volatile" | "restrict" | "_Atomic";
      readonly to: DebugType | undefined;
    }
  | {
      readonly kind: "function";
      readonly parameters: readonly (DebugType | undefined)[];
      readonly result: DebugType | undefined;
    }
  | { readonly kind: "unknown"; readonly name: string };

/** A struct, a union or a class. */
export interface DebugStruct {
  readonly kind: "struct";
  readonly keyword: "struct" | "union" | "class";
  /** Empty where it has none. */
  readonly name: string;
  /** 0 where only its name is known. */
  readonly sizeBytes: number;
  /** A class with a copy constructor of its own: functions are given its address. */
  readonly isPassedByAddress: boolean;
  readonly members: readonly DebugMember[];
}

/** A part of a struct. What a class inherits is a member without a name. */
export interface DebugMember {
  readonly name: string;
  readonly type: DebugType | undefined;
  /** From the start of the struct. */
  readonly bitOffset: number;
  /** Of a bit field: how many bits it has. */
  readonly bitWidth?: number;
}

/** How far qualifiers and names of types are followed: damaged ones go in circles. */
const LONGEST_CHAIN = 64;

/** The type without the names and qualifiers around it; `undefined` is void. */
export function bareType(type: DebugType | undefined): DebugType | undefined {
  let bare = type;
  for (let length = 0; length < LONGEST_CHAIN; length++) {
    if (bare?.kind !== "typedef" && bare?.kind !== "qualified") return bare;
    bare = bare.to;
  }
  return { kind: "unknown", name: "" };
}

/** A type as it is written in C, in the form of bpftrace's listings: `const char* *`. */
export function debugTypeName(type: DebugType | undefined, depth = 0): string {
  if (type === undefined) return "void";
  if (depth > LONGEST_CHAIN) return "<unknown type>";
  const inner = (of: DebugType | undefined) => debugTypeName(of, depth + 1);
  switch (type.kind) {
    case "base":
    case "typedef":
      return type.name;
    case "pointer":
      if (type.to?.kind === "function") return functionName(type.to, `(*)`, inner);
      return `${inner(type.to)}${type.reference || "*"}`;
    case "struct":
    case "enum":
      return `${type.kind === "struct" ? type.keyword : "enum"} ${type.name || "<anonymous>"}`;
    case "qualified":
      return type.to?.kind === "pointer"
        ? `${inner(type.to)} ${type.qualifier}`
        : `${type.qualifier} ${inner(type.to)}`;
    case "array":
      return `${inner(type.of)}${type.counts.map((count) => `[${count}]`).join("")}`;
    case "function":
      return functionName(type, "", inner);
    case "unknown":
      return type.name || "<unknown type>";
  }
}

function functionName(
  type: Extract<DebugType, { kind: "function" }>,
  middle: string,
  name: (type: DebugType | undefined) => string,
): string {
  return `${name(type.result)} ${middle}(${type.parameters.map(name).join(", ")})`;
}
