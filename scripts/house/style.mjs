/** Sizes, names, doc comments. */
import { basename } from "node:path";
import { isFunctionLikeDeclaration, SyntaxKind } from "typescript/unstable/ast";

/** Lines that a function may have, from its first to its last. */
export const FUNCTION_LINES_MAX = 70;
/** Lines that a file may have. */
export const FILE_LINES_MAX = 500;

/** How a file begins that a script makes of others: nobody reads it. */
const MADE_BY_SCRIPT = /^\/\* [^*]*\bmade of [^*]*\bby scripts\/[\w-]+\.mjs\b/i;

/** Every function with a body that is too long, and every such file: key -> lines. */
export function oversized({ files }) {
  const found = new Map();
  for (const { path, tree, isTest } of files) {
    const lineOf = (position) => tree.getLineAndCharacterOfPosition(position).line;
    const fileLines = lineOf(tree.text.length) + (tree.text.endsWith("\n") ? 0 : 1);
    if (fileLines > FILE_LINES_MAX && !MADE_BY_SCRIPT.test(tree.text)) found.set(path, fileLines);
    if (isTest) continue;
    const visit = (node, names) => {
      const name = node.name?.text;
      const inside = name === undefined ? names : [...names, name];
      if (isFunctionLikeDeclaration(node) && node.body !== undefined) {
        const lines = lineOf(node.end) - lineOf(node.getStart()) + 1;
        if (lines > FUNCTION_LINES_MAX) found.set(`${path}#${inside.join(".") || "(anonymous)"}`, lines);
      }
      node.forEachChild((child) => visit(child, inside));
    };
    visit(tree, []);
  }
  return found;
}

/** Spelled as in the kernel's headers, where it is documented. */
const KERNEL_CONSTANT = /^(BPF|BTF|PERF|SHT|SHN|SHF|STT|STB|PT|ET|EM|ELF|NT)_[A-Z0-9_]+$|^R\d+$/;

/** Builtins and kinds of probes are objects with a `doc` of their own, from which the reference is made. */
function describesItself(statement) {
  const types = statement.declarationList?.declarations.map(({ type }) => type?.getText()) ?? [];
  return types.length > 0 && types.every((type) => type === "Builtin" || type === "Provider");
}

/** Every export without a doc comment: key -> 1. What a file merely passes on is documented where it is declared. */
export function undocumented({ files }) {
  const found = new Map();
  for (const { path, tree, isTest } of files) {
    if (isTest) continue;
    // Overloads and a type with a value of the same name share one comment.
    const documented = new Set();
    const exported = [];
    for (const statement of tree.statements) {
      if (!statement.modifiers?.some((modifier) => modifier.kind === SyntaxKind.ExportKeyword)) continue;
      for (const name of namesOf(statement)) {
        if (statement.jsDoc?.length > 0 || KERNEL_CONSTANT.test(name) || describesItself(statement))
          documented.add(name);
        exported.push(name);
      }
    }
    for (const name of exported) if (!documented.has(name)) found.set(`${path}#${name}`, 1);
  }
  return found;
}

function namesOf(statement) {
  if (statement.name !== undefined) return [statement.name.text];
  return statement.declarationList?.declarations.map(({ name }) => name.text ?? "(pattern)") ?? [];
}

/**
 * The list of exceptions may only become shorter: nothing exceeds what it has there, and what no longer needs to be there
 * is taken out.
 */
export function* ratchet(found, allowed, says) {
  for (const [key, size] of found) {
    const limit = allowed[key];
    if (limit === undefined) yield says(key, size);
    else if (size > limit) yield `${says(key, size)}, and more than the ${limit} of the list of exceptions`;
  }
  for (const [key, limit] of Object.entries(allowed)) {
    const size = found.get(key);
    if (size === undefined) yield `exceptions.json: ${key} is no exception any more: take it out`;
    else if (size < limit) yield `exceptions.json: ${key} has become ${size}: write that`;
  }
}

const VAGUE = new Set(["util", "utils", "helper", "helpers", "common", "core", "manager", "misc", "shared"]);
/** `helper` is the kernel's word for the functions that BPF programs call. */
const ALLOWED = (path, word) =>
  word.startsWith("helper") && (path.startsWith("pure/bytecode/") || path.startsWith("pure/compiler/"));

/** Files, folders, classes and functions are named for what they are. */
export function* namesSaySomething({ files }) {
  const folders = new Set();
  for (const { path, tree } of files) {
    const parts = path.split("/");
    const stem = basename(path, ".ts");
    for (const folder of parts.slice(0, -1)) {
      const upTo = path.slice(0, path.indexOf(`${folder}/`) + folder.length);
      if (VAGUE.has(folder) && !ALLOWED(path, folder)) folders.add(upTo);
    }
    const last =
      stem
        .split(/[-.]/)
        .filter((word) => word !== "test" && word !== "kernel" && word !== "fuzz")
        .at(-1) ?? "";
    if (VAGUE.has(last) && !ALLOWED(path, last)) yield `${path}: "${last}" does not say what is in it`;
    for (const name of tree.statements.flatMap(namesOf)) {
      const word = /(Utils?|Helpers?|Manager)$/.exec(name)?.[1].toLowerCase();
      if (word !== undefined && !ALLOWED(path, word)) yield `${path}: "${name}" does not say what it is`;
    }
  }
  for (const folder of folders) yield `${folder}/: does not say what is in it`;
}

/** Files are named in kebab-case. */
export function* filesAreKebabCase({ files }) {
  for (const { path } of files) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(basename(path))) yield `${path}: file names are kebab-case`;
  }
}

/** A test that runs alone hides all others. */
export function* noTestRunsAlone({ files }) {
  for (const { path, tree } of files) {
    const found = [];
    const visit = (node) => {
      const isOnly =
        node.kind === SyntaxKind.PropertyAccessExpression &&
        node.name.text === "only" &&
        ["test", "it", "describe"].includes(node.expression.text);
      if (isOnly) found.push(tree.getLineAndCharacterOfPosition(node.end).line + 1);
      node.forEachChild(visit);
    };
    if (path.endsWith(".test.ts")) visit(tree);
    for (const line of found) yield `${path}:${line}: .only hides the other tests`;
  }
}
