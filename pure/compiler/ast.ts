/** The syntax tree of a bpftrace script, without its meaning: plain readonly data, discriminated by `kind`. */
import type { CDefinition } from "./c-ast.ts";
import type { Node, Span } from "./span.ts";

export type { Span } from "./span.ts";

// ---------------------------------------------------------------- script

/** A whole script. Comments are beside the tree, for the printer. */
export interface Script extends Node {
  readonly kind: "script";
  /** The `#!` line, without its line end. */
  readonly shebang?: string;
  /** From the first to the last `#` line and C definition, with what conditions left out: the printer keeps its text. */
  readonly preamble?: Span;
  /** The config block, from `config` to `}`. */
  readonly configSpan?: Span;
  /** `#include` lines, in order. */
  readonly includes: readonly Include[];
  /** `#define` lines, in order. */
  readonly defines: readonly Define[];
  /** struct, union and enum definitions at the top. */
  readonly definitions: readonly CDefinition[];
  readonly config: readonly ConfigEntry[];
  readonly imports: readonly Import[];
  /** Probes, macros, functions and map declarations, in the order of the text. */
  readonly items: readonly Item[];
  readonly comments: readonly Comment[];
}

/** `// …` to the end of the line, or a C comment; `text` has the delimiters with it. */
export interface Comment extends Node {
  readonly text: string;
}

/** `#include <linux/path.h>`, or with `system: false` `#include "path.h"`. The path is without its delimiters. */
export interface Include extends Node {
  readonly path: string;
  readonly system: boolean;
}

/** `#define NAME body`; a function-like define has `params`. The body is raw text. */
export interface Define extends Node {
  readonly name: string;
  readonly params?: readonly string[];
  readonly body: string;
  /** The body parsed as an expression, where it is one. */
  readonly value?: Expression;
}

/** `import "net.bt";` at the top of a script or in a block. */
export interface Import extends Node {
  readonly kind: "import";
  readonly path: string;
}

/** `max_strlen = 128` of a config block. Names and values are checked later, with those of the environment. */
export interface ConfigEntry extends Node {
  readonly key: string;
  readonly keySpan: Span;
  readonly value:
    | { readonly kind: "int"; readonly value: bigint }
    | { readonly kind: "string" | "word"; readonly value: string };
  readonly valueSpan: Span;
}

/** What a script is made of after its preamble, config block and imports. */
export type Item = Probe | MapDeclaration | MacroDefinition | FunctionDefinition;

/** `name=probe, probe /predicate/ { … }` */
export interface Probe extends Node {
  readonly kind: "probe";
  readonly attachPoints: readonly AttachPoint[];
  readonly predicate?: Expression;
  readonly body: Block;
}

/** `name=kprobe:vfs_read`, split at the colons that no quotes protect. `parts[0]` is the provider as written. */
export interface AttachPoint extends Node {
  readonly name?: string;
  readonly parts: readonly AttachPointPart[];
  /** The whole of it, as written. */
  readonly text: string;
}

/** What stands between two colons, `vfs_read` in `kprobe:vfs_read`: without quotes, positional parameters put in. */
export interface AttachPointPart extends Node {
  readonly text: string;
  /** Some of it stood in quotes. */
  readonly quoted: boolean;
}

/** `let @x = lruhash(100);` */
export interface MapDeclaration extends Node {
  readonly kind: "map-declaration";
  readonly name: string;
  readonly type: string;
  readonly maxEntries?: Expression;
}

/** `macro swap($a, @m, e) { … }`, expanded where it is called. */
export interface MacroDefinition extends Node {
  readonly kind: "macro";
  readonly name: string;
  readonly params: readonly MacroParam[];
  readonly body: Block;
}

/** The `kind` tells what a call must pass: any expression, or a variable or map that the body may assign to. */
export interface MacroParam extends Node {
  readonly kind: "expression" | "variable" | "map";
  /** With its sigil for variables and maps. */
  readonly name: string;
}

/** `fn square($x: int64): int64 { return $x * $x; }` */
export interface FunctionDefinition extends Node {
  readonly kind: "function";
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly type: TypeName; readonly span: Span }[];
  readonly result: TypeName;
  readonly body: Block;
}

// ---------------------------------------------------------------- types

/** A type as written: `struct x *`, `uint8[4]`, `string[64]`, `typeof(e)`. */
export interface TypeName extends Node {
  readonly kind: "type-name";
  readonly base:
    | { readonly kind: "named"; readonly name: string }
    | { readonly kind: "struct" | "union" | "enum"; readonly name: string }
    | { readonly kind: "typeof"; readonly operand: Expression | TypeName };
  readonly pointers: number;
  /** Array dimensions from the left; `undefined` is `[]`. `string[64]` has one. */
  readonly dimensions: readonly (bigint | undefined)[];
}

// ---------------------------------------------------------------- statements

/** `{ a; b; }`: the body of a probe, of a loop or of an arm, or a scope by itself. */
export interface Block extends Node {
  readonly kind: "block";
  readonly statements: readonly Statement[];
  /** The value of a block expression: a last expression without a semicolon. */
  readonly value?: Expression;
}

/** What stands in a block, one after the other. */
export type Statement =
  | Block
  | ExpressionStatement
  | Assignment
  | VariableDeclaration
  | If
  | While
  | ForRange
  | ForMap
  | Unroll
  | Jump
  | Return
  | Discard
  | Import;

/** `printf("…");`, `@x++;`: an expression for its effect. */
export interface ExpressionStatement extends Node {
  readonly kind: "expression-statement";
  readonly expression: Expression;
}

/** Arithmetic and bitwise operators: those that `$x += 1` may have before the `=`. */
export type CompoundOperator = "+" | "-" | "*" | "/" | "%" | "<<" | ">>" | "&" | "|" | "^";

/** `target = value` or `target OP= value`. */
export interface Assignment extends Node {
  readonly kind: "assignment";
  /** A variable or a map access; anything else is told off by the checker. */
  readonly target: Expression;
  readonly operator?: CompoundOperator;
  readonly value: Expression;
}

/** `let $x: T = e;` */
export interface VariableDeclaration extends Node {
  readonly kind: "let";
  /** With its sigil. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly type?: TypeName;
  readonly value?: Expression;
}

/** A statement, or (when both arms have values) the inside of an {@link IfExpression}. */
export interface If extends Node {
  readonly kind: "if";
  readonly condition: Expression;
  readonly comptime: boolean;
  readonly then: Block;
  readonly else?: Block | If;
}

/** `while ($x > 0) { … }` */
export interface While extends Node {
  readonly kind: "while";
  readonly condition: Expression;
  readonly body: Block;
}

/** `for $i : 0..10 { … }`: from 0 to 9. */
export interface ForRange extends Node {
  readonly kind: "for-range";
  readonly variable: string;
  readonly variableSpan: Span;
  readonly from: Expression;
  readonly to: Expression;
  readonly body: Block;
}

/** `for $kv : @m { … }`; `$kv` is the tuple of key and value. */
export interface ForMap extends Node {
  readonly kind: "for-map";
  readonly variable: string;
  readonly variableSpan: Span;
  readonly map: MapAccess;
  readonly body: Block;
}

/** `unroll (5) { … }`: the body that many times over; the count must be known when the script is compiled. */
export interface Unroll extends Node {
  readonly kind: "unroll";
  readonly count: Expression;
  readonly body: Block;
}

/** `break;`, `continue;`: of the innermost loop around. */
export interface Jump extends Node {
  readonly kind: "break" | "continue";
}

/** `return;` ends the action of a probe, `return e;` a function. */
export interface Return extends Node {
  readonly kind: "return";
  readonly value?: Expression;
}

/** `_ = e;` */
export interface Discard extends Node {
  readonly kind: "discard";
  readonly value: Expression;
}

// ---------------------------------------------------------------- expressions

/** What has a value, or like a call of `printf` stands where one would. */
export type Expression =
  | IntLiteral
  | DecimalLiteral
  | StringLiteral
  | BoolLiteral
  | Positional
  | PositionalCount
  | Identifier
  | Variable
  | MapAccess
  | Call
  | Unary
  | Step
  | Binary
  | Conditional
  | FieldAccess
  | IndexAccess
  | Cast
  | SizeOf
  | OffsetOf
  | TypeOperator
  | TupleLiteral
  | RecordLiteral
  | BlockExpression
  | IfExpression
  | Comptime;

/** `123`, `0x1f`, `1e6`, `5ULL`, `10ms`: an unsigned 64-bit number, its minus being a {@link Unary}. */
export interface IntLiteral extends Node {
  readonly kind: "int";
  readonly value: bigint;
  /** C suffix in lower case, without its digits (`u`, `ul`, `ll`, …). */
  readonly suffix?: string;
  /** `5ms` is the value 5000000 with `duration: "ms"`. */
  readonly duration?: "ns" | "us" | "ms" | "s" | "m" | "h" | "d";
  /** As written, for the printer. */
  readonly text: string;
}

/** `100.0`: only in the arguments of printf and print, evaluated in user space. */
export interface DecimalLiteral extends Node {
  readonly kind: "decimal";
  readonly value: number;
  readonly text: string;
}

/** `value` is the decoded text, one character (U+0000 to U+00FF) a byte of its UTF-8 form. */
export interface StringLiteral extends Node {
  readonly kind: "string";
  readonly value: string;
  readonly text: string;
}

/** `true`, `false` */
export interface BoolLiteral extends Node {
  readonly kind: "bool";
  readonly value: boolean;
}

/** `$1` */
export interface Positional extends Node {
  readonly kind: "positional";
  readonly index: number;
}

/** `$#` */
export interface PositionalCount extends Node {
  readonly kind: "positional-count";
}

/** A builtin (`pid`), a macro without arguments, an enum constant or a #define. */
export interface Identifier extends Node {
  readonly kind: "identifier";
  readonly name: string;
}

/** `$x`, with its sigil. */
export interface Variable extends Node {
  readonly kind: "variable";
  readonly name: string;
}

/** `@x`, `@x[k]`, `@x[a, b]`; the name has its sigil, `@` is the anonymous map. `[a, b]` makes one tuple key. */
export interface MapAccess extends Node {
  readonly kind: "map";
  readonly name: string;
  readonly key?: Expression;
}

/** `f(a, b)`. An argument may be a type, where the callee takes one. */
export interface Call extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly nameSpan: Span;
  readonly args: readonly (Expression | TypeName)[];
}

/** `!e`, `-e`, `*$p`, `&$x` */
export interface Unary extends Node {
  readonly kind: "unary";
  readonly operator: "!" | "~" | "-" | "+" | "*" | "&";
  readonly operand: Expression;
}

/** `++x`, `x--` */
export interface Step extends Node {
  readonly kind: "step";
  readonly operator: "++" | "--";
  readonly prefix: boolean;
  readonly operand: Expression;
}

/** Arithmetic, bitwise, comparing and logical operators; they bind as in C. */
export type BinaryOperator = CompoundOperator | "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||";

/** `a + b`, `a == b`, `a && b` */
export interface Binary extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
}

/** `c ? a : b`; `c ?: b` has no `then`. */
export interface Conditional extends Node {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then?: Expression;
  readonly else: Expression;
}

/** `e.name`, `e->name`, `e.0` */
export interface FieldAccess extends Node {
  readonly kind: "field";
  readonly object: Expression;
  readonly field: string;
  readonly fieldSpan: Span;
  readonly arrow: boolean;
}

/** `e[i]` of an array, a string, a tuple or a pointer; `@m[k]` is a {@link MapAccess}. */
export interface IndexAccess extends Node {
  readonly kind: "index";
  readonly object: Expression;
  readonly index: Expression;
}

/** `(uint8)e`, `(struct task_struct *)e`, `(uint8[4])e` */
export interface Cast extends Node {
  readonly kind: "cast";
  readonly type: TypeName;
  readonly operand: Expression;
}

/** `sizeof(struct x)`, `sizeof(e)`: in bytes. */
export interface SizeOf extends Node {
  readonly kind: "sizeof";
  readonly operand: Expression | TypeName;
}

/** `offsetof(struct x, a.b)` */
export interface OffsetOf extends Node {
  readonly kind: "offsetof";
  readonly type: Expression | TypeName;
  readonly path: readonly string[];
}

/** `typeof($x)` compared with another, `typeinfo($x).base_type`. In a written type, `typeof` is a {@link TypeName}. */
export interface TypeOperator extends Node {
  readonly kind: "typeof" | "typeinfo";
  readonly operand: Expression | TypeName;
}

/** `(a, b)`, `(a,)`, `()` */
export interface TupleLiteral extends Node {
  readonly kind: "tuple";
  readonly elements: readonly Expression[];
}

/** `(x = 1, y = 2)` */
export interface RecordLiteral extends Node {
  readonly kind: "record";
  readonly fields: readonly { readonly name: string; readonly value: Expression; readonly span: Span }[];
}

/** `{ …; e }` used as a value. */
export interface BlockExpression extends Node {
  readonly kind: "block-expression";
  readonly block: Block;
}

/** `if c { a } else { b }` used as a value. */
export interface IfExpression extends Node {
  readonly kind: "if-expression";
  readonly if: If;
}

/** `comptime e`: an error unless the value is known when the script is compiled. */
export interface Comptime extends Node {
  readonly kind: "comptime";
  readonly operand: Expression;
}
