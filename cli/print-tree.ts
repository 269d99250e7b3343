/**
 * Plain data as an indented tree, for `-d ast`: nodes by their `kind`, with their plain fields beside it and their
 * children below, each under its field's name. Where a node stands in the text is left out.
 */
export function* printTree(node: object, label = "", indent = ""): Iterable<string> {
  const fields = Object.entries(node).filter(([name]) => name !== "kind" && !/[sS]pan$/.test(name));
  const plain = fields.filter(([, value]) => !isObject(value) && value !== undefined);
  const kind = "kind" in node ? String(node.kind) : "";
  const words = plain.map(([name, value]) => `${name}=${literal(value)}`);
  yield indent + [label, kind, ...words].filter((word) => word !== "").join(" ");
  for (const [name, value] of fields) {
    if (!isObject(value)) continue;
    const children = Array.isArray(value) ? value : [value];
    for (const child of children) {
      if (isObject(child)) yield* printTree(child, `${name}:`, `${indent}  `);
      else yield `${indent}  ${name}: ${literal(child)}`;
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function literal(value: unknown): string {
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}
