/** An operator of C++ as the Itanium ABI codes it. */
export interface Operator {
  /** Two letters, such as `pl`. */
  readonly code: string;
  /** As C++ spells it; a trailing space sets an operand apart. */
  readonly text: string;
  readonly arity: number;
}

/**
 * The parts of a mangled C++ name. Substitutions make it a graph without cycles: a node may have several parents, and
 * a template parameter means what the template around the parent says.
 */
export type ItaniumNode =
  | NameNode
  | TypeNode
  | ExpressionNode
  /** A function: its name, which may carry qualifiers of `this`, and its type. */
  | { readonly kind: "encoding"; readonly name: ItaniumNode; readonly type: FunctionNode }
  /** Something the compiler made for another thing: "vtable for X". */
  | {
      readonly kind: "special";
      readonly prefix: string;
      readonly of: ItaniumNode;
      readonly infix?: string;
      readonly in?: ItaniumNode;
    };

/** What something is called, with the scopes around it: the ABI's `<name>`. */
export type NameNode =
  /** An identifier, a builtin type, anything that is its own text. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "qualified"; readonly scope: ItaniumNode; readonly name: ItaniumNode }
  | {
      readonly kind: "local";
      readonly function: ItaniumNode;
      readonly entity: ItaniumNode;
      readonly defaultArgument?: number;
    }
  | { readonly kind: "template"; readonly name: ItaniumNode; readonly args: readonly ItaniumNode[] }
  /** A constructor, or with `~` a destructor, of the class called `name`. */
  | { readonly kind: "structor"; readonly tilde: "" | "~"; readonly name: string }
  | { readonly kind: "operatorName"; readonly operator: Operator }
  | { readonly kind: "literalOperator"; readonly name: ItaniumNode }
  | { readonly kind: "conversion"; readonly type: ItaniumNode }
  | { readonly kind: "lambda"; readonly params: readonly ItaniumNode[]; readonly number: number }
  | { readonly kind: "tagged"; readonly name: ItaniumNode; readonly tag: string }
  /** The qualifiers of a member function's `this`. */
  | { readonly kind: "thisQualified"; readonly name: ItaniumNode; readonly qualifiers: string };

/**
 * The type of a function. `returns` is undefined where the ABI leaves it out: in names of functions that are no
 * templates.
 */
export interface FunctionNode {
  readonly kind: "function";
  readonly returns: ItaniumNode | undefined;
  readonly params: readonly ItaniumNode[];
  /** " const", " &", " noexcept" and the like, after the parameters. */
  readonly suffix: readonly (string | ItaniumNode)[];
}

/** What is built from other types, the ABI's `<type>`; a builtin or class is a {@link NameNode}. */
export type TypeNode =
  | FunctionNode
  /** `mark` is written after the type: `*`, ` const`, ` _Complex`. */
  | { readonly kind: "modified"; readonly mark: string; readonly of: ItaniumNode }
  | { readonly kind: "reference"; readonly mark: "&" | "&&"; readonly to: ItaniumNode }
  | { readonly kind: "array"; readonly size: ItaniumNode | undefined; readonly element: ItaniumNode }
  | { readonly kind: "memberPointer"; readonly class: ItaniumNode; readonly member: ItaniumNode }
  | { readonly kind: "vector"; readonly size: ItaniumNode; readonly element: ItaniumNode }
  | { readonly kind: "templateParam"; readonly index: number }
  | { readonly kind: "pack"; readonly args: readonly ItaniumNode[] }
  | { readonly kind: "expansion"; readonly pattern: ItaniumNode }
  | { readonly kind: "decltype"; readonly of: ItaniumNode };

/**
 * What can stand in the arguments of a template, in a `decltype` or in the size of an array: the ABI's `<expression>`.
 */
export type ExpressionNode =
  | { readonly kind: "literal"; readonly type: ItaniumNode; readonly text: string }
  | { readonly kind: "unary"; readonly operator: Operator; readonly operand: ItaniumNode }
  | { readonly kind: "postfix"; readonly operator: Operator; readonly operand: ItaniumNode }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: ItaniumNode; readonly right: ItaniumNode }
  | { readonly kind: "conditional"; readonly test: ItaniumNode; readonly yes: ItaniumNode; readonly no: ItaniumNode }
  | { readonly kind: "call"; readonly callee: ItaniumNode; readonly args: readonly ItaniumNode[] }
  | {
      readonly kind: "cast";
      readonly type: ItaniumNode;
      readonly operands: readonly ItaniumNode[];
      readonly isList: boolean;
    }
  | {
      readonly kind: "namedCast";
      readonly operator: Operator;
      readonly type: ItaniumNode;
      readonly operand: ItaniumNode;
    }
  | { readonly kind: "braces"; readonly type: ItaniumNode | undefined; readonly elements: readonly ItaniumNode[] }
  | { readonly kind: "functionParam"; readonly text: string }
  | { readonly kind: "packSize"; readonly of: ItaniumNode }
  | {
      readonly kind: "fold";
      readonly operator: Operator;
      readonly isLeft: boolean;
      readonly pack: ItaniumNode;
      readonly start: ItaniumNode | undefined;
    }
  | {
      readonly kind: "new";
      readonly operator: Operator;
      readonly placement: readonly ItaniumNode[];
      readonly type: ItaniumNode;
      readonly init: readonly ItaniumNode[] | undefined;
    };

/** A name that stands for itself. */
export function textNode(text: string): ItaniumNode {
  return { kind: "text", text };
}
