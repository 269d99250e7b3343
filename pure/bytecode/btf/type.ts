/** One BTF type, decoded. Types refer to each other by id; id 0 is void. Sizes in bytes. */
export type BtfType =
  | BtfVoid
  | BtfInt
  | BtfFloat
  | BtfPtr
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfFwd
  | BtfTypedef
  | BtfModifier
  | BtfTypeTag
  | BtfFunc
  | BtfFuncProto
  | BtfVar
  | BtfDatasec
  | BtfDeclTag;

/** Type id 0. */
export interface BtfVoid {
  readonly kind: "void";
}

/** An integer. `bits` is less than eight times `size` only in bit fields of old compilers. */
export interface BtfInt {
  readonly kind: "int";
  readonly name: string;
  readonly size: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly bool: boolean;
  readonly char: boolean;
}

/** A floating-point type: `float`, `double`, `long double`. */
export interface BtfFloat {
  readonly kind: "float";
  readonly name: string;
  readonly size: number;
}

/** A pointer, eight bytes; `to` 0 is `void *`. */
export interface BtfPtr {
  readonly kind: "ptr";
  readonly to: number;
}

/** An array; several dimensions are arrays of arrays. Its size is the element's times `count`. */
export interface BtfArray {
  readonly kind: "array";
  readonly element: number;
  /** Type of the index; it carries no information. */
  readonly index: number;
  readonly count: number;
}

/** A struct or union; `name` is empty when it is anonymous. */
export interface BtfComposite {
  readonly kind: "struct" | "union";
  readonly name: string;
  readonly size: number;
  readonly members: readonly BtfMember[];
}

/** A member; `name` is empty for an anonymous struct or union inside another. */
export interface BtfMember {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  /** In bits; only in bit fields. */
  readonly bitfieldSize?: number;
}

/** An enum of up to 32 bits (BTF_KIND_ENUM), or with `size` 8 one of 64 bits (BTF_KIND_ENUM64). */
export interface BtfEnum {
  readonly kind: "enum";
  readonly name: string;
  readonly size: number;
  readonly signed: boolean;
  readonly constants: readonly BtfConstant[];
}

/** A constant of an enum. Its value has the sign that the enum says. */
export interface BtfConstant {
  readonly name: string;
  readonly value: bigint;
}

/** A struct or union that is declared and not defined. */
export interface BtfFwd {
  readonly kind: "fwd";
  readonly name: string;
  readonly union: boolean;
}

/** Another name for a type: `typedef unsigned int u32`. */
export interface BtfTypedef {
  readonly kind: "typedef";
  readonly name: string;
  readonly type: number;
}

/** A qualifier of C around another type, with the same size and layout. */
export interface BtfModifier {
  readonly kind: "const" | "volatile" | "restrict";
  readonly type: number;
}

/** `__attribute__((btf_type_tag("name")))`, such as `user`, `percpu` and `rcu`. */
export interface BtfTypeTag {
  readonly kind: "type_tag";
  readonly name: string;
  readonly type: number;
}

/** A function; `proto` is the id of its {@link BtfFuncProto}. */
export interface BtfFunc {
  readonly kind: "func";
  readonly name: string;
  readonly proto: number;
  readonly linkage: "static" | "global" | "extern";
}

/** The type of a function: ids of the result (0 is void) and of the parameters. It has no name of its own. */
export interface BtfFuncProto {
  readonly kind: "func_proto";
  readonly result: number;
  readonly params: readonly BtfParam[];
  /** Takes a variable number of arguments (`...`). */
  readonly variadic: boolean;
}

/** A parameter; `name` is empty where only a type was written, as in a function pointer. */
export interface BtfParam {
  readonly name: string;
  readonly type: number;
}

/** A global variable; the {@link BtfDatasec} that lists it has its offset and size. */
export interface BtfVar {
  readonly kind: "var";
  readonly name: string;
  readonly type: number;
  readonly linkage: "static" | "global" | "extern";
}

/** An ELF section and the variables in it. Offsets and sizes in bytes. */
export interface BtfDatasec {
  readonly kind: "datasec";
  readonly name: string;
  readonly size: number;
  readonly variables: readonly { readonly type: number; readonly offset: number; readonly size: number }[];
}

/** `__attribute__((btf_decl_tag("name")))` on a type, or on a member or parameter of it. */
export interface BtfDeclTag {
  readonly kind: "decl_tag";
  readonly name: string;
  readonly type: number;
  /** Index of the member or parameter; -1 for the type itself. */
  readonly component: number;
}

/** Kinds that are found by name. */
export type BtfNamedKind = "struct" | "union" | "enum" | "typedef" | "func" | "var" | "int" | "float" | "fwd";
