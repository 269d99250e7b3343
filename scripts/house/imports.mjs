/** What may import what: the layer table, native code, cycles. */
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { SyntaxKind } from "typescript/unstable/ast";

/**
 * The modules that a file names: by import and export declarations, `import()` and types.
 * @returns {readonly { name: string, line: number }[]}
 */
export function importsOf({ tree }) {
  const found = [];
  const add = (literal) => {
    if (literal?.kind !== SyntaxKind.StringLiteral) return;
    found.push({ name: literal.text, line: tree.getLineAndCharacterOfPosition(literal.end).line + 1 });
  };
  const visit = (node) => {
    if (node.kind === SyntaxKind.ImportDeclaration || node.kind === SyntaxKind.ExportDeclaration)
      add(node.moduleSpecifier);
    else if (node.kind === SyntaxKind.ImportType) add(node.argument.literal);
    else if (node.kind === SyntaxKind.CallExpression && node.expression.kind === SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    }
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

/** `@beetrace/ebpf/symbols` -> `@beetrace/ebpf` */
function packageOf(name) {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}

/** The layer table of ARCHITECTURE.md: package -> { folder, allowed }. */
function readLayers(root) {
  const layers = new Map();
  for (const line of readFileSync(join(root, "ARCHITECTURE.md"), "utf8").split("\n")) {
    const row = /^\| `([^`]+)` \| `([^`]+)` \|[^|]*\|([^|]*)\|$/.exec(line);
    if (row === null) continue;
    layers.set(row[1], {
      folder: row[2],
      allowed: new Set([...row[3].matchAll(/`([^`]+)`/g)].map((match) => match[1])),
    });
  }
  return layers;
}

/** Each package.json holds to the layer table. */
export function* packagesHoldToLayers({ root, packages }) {
  const layers = readLayers(root);
  for (const { name, folder, all } of packages) {
    const layer = layers.get(name);
    if (layer?.folder !== folder) {
      yield `${folder}/package.json: ${name} has no row with this folder in ARCHITECTURE.md`;
      continue;
    }
    for (const each of all) {
      if (layers.has(each) && !layer.allowed.has(each)) yield `${folder}/package.json: ${name} may not import ${each}`;
    }
  }
  for (const [name, { folder }] of layers) {
    if (!packages.some((each) => each.name === name)) yield `ARCHITECTURE.md: there is no package ${name} in ${folder}`;
  }
}

/** Each source imports what its package.json names, by name; pure/ has no platform. */
export function* sourcesHoldToPackages({ files, packages }) {
  for (const file of files) {
    const home = packages.find(({ folder }) => file.path.startsWith(`${folder}/`));
    if (home === undefined) continue;
    for (const { name, line } of importsOf(file)) {
      const problem = importProblem(file, home, name);
      if (problem !== undefined) yield `${file.path}:${line}: ${problem}`;
    }
  }
}

function importProblem({ path, isTest }, home, name) {
  if (name.startsWith(".")) {
    const target = normalize(join(dirname(path), name));
    if (!target.startsWith(`${home.folder}/`) && !isTest) return `${name} leaves the package: import it by its name`;
    return undefined;
  }
  if (name.startsWith("node:")) {
    return path.startsWith("pure/") && !isTest ? `${name}: pure/ runs anywhere, without node` : undefined;
  }
  const wanted = packageOf(name);
  if (wanted === home.name || home.all.has(wanted)) return undefined;
  if (isTest && !wanted.startsWith("@beetrace/")) return undefined;
  return `${home.folder}/package.json does not name ${wanted}`;
}

/** Modules that load native code, or that are it. */
const NATIVE = new Set(["koffi", "ffi-napi", "node:ffi", "bindings", "node-gyp-build"]);
const NATIVE_DOOR = "linux/ebpf/ffi.ts";

/** Native code comes in through one door. Types of it may be named there only, too. */
export function* nativeCodeHasOneDoor({ files }) {
  for (const file of files) {
    if (file.path === NATIVE_DOOR) continue;
    for (const { name, line } of importsOf(file)) {
      if (NATIVE.has(packageOf(name))) yield `${file.path}:${line}: only ${NATIVE_DOOR} loads native code (${name})`;
    }
    const visit = (node) => {
      const loads =
        node.kind === SyntaxKind.CallExpression &&
        node.arguments.some((each) => each.kind === SyntaxKind.StringLiteral && NATIVE.has(packageOf(each.text)));
      const opens = node.kind === SyntaxKind.PropertyAccessExpression && node.name.text === "dlopen";
      if ((loads || opens) && !file.isTest) {
        const line = file.tree.getLineAndCharacterOfPosition(node.end).line + 1;
        return [`${file.path}:${line}: only ${NATIVE_DOOR} loads native code`];
      }
      const found = [];
      node.forEachChild((child) => {
        found.push(...visit(child));
      });
      return found;
    };
    yield* visit(file.tree);
  }
}

/** Every file that imports itself by way of others, types included: key -> how many files are tied together there. */
export function cyclic({ files, packages }) {
  const entries = new Map(packages.map(({ name, folder }) => [name, `${folder}/index.ts`]));
  const graph = new Map();
  for (const file of files) {
    if (file.isTest) continue;
    const targets = importsOf(file).map(({ name }) =>
      name.startsWith(".") ? normalize(join(dirname(file.path), name)) : entries.get(name),
    );
    graph.set(
      file.path,
      targets.filter((target) => target !== undefined),
    );
  }
  const found = new Map();
  for (const knot of stronglyConnected(graph)) {
    const isLoop = knot.length > 1 || graph.get(knot[0])?.includes(knot[0]);
    if (isLoop) for (const path of knot) found.set(path, 1);
  }
  return found;
}

/** Strongly connected components (Tarjan, Depth-First Search and Linear Graph Algorithms, 1972). */
function stronglyConnected(graph) {
  const order = new Map();
  const lowest = new Map();
  const stack = [];
  const components = [];
  const visit = (path) => {
    order.set(path, order.size);
    lowest.set(path, order.get(path));
    stack.push(path);
    for (const target of graph.get(path) ?? []) {
      if (!order.has(target)) visit(target);
      if (stack.includes(target)) lowest.set(path, Math.min(lowest.get(path), lowest.get(target)));
    }
    if (lowest.get(path) === order.get(path)) components.push(stack.splice(stack.indexOf(path)));
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return components;
}
