/** Patterns of paths, as a shell has them. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The folders that a pattern matches, in the order of their names: `*`, `?` and `[a-z]` in a part of it, `**` for any parts. */
export function matchingFolders(pattern: string): readonly string[] {
  const [first, ...parts] = pattern.replace(/(?<=.)\/+$/, "").split("/");
  const roots = first === "" ? ["/"] : below(".", first);
  return [
    ...new Set(
      parts
        .filter((part) => part !== "")
        .reduce<string[]>((all, part) => all.flatMap((folder) => below(folder, part)), roots),
    ),
  ];
}

function below(folder: string, part: string): string[] {
  if (part === "**") return [folder, ...below(folder, "*").flatMap((each) => below(each, "**"))];
  const path = (name: string) => (folder === "." ? name : join(folder, name));
  if (!/[*?[]/.test(part)) return isFolder(path(part)) ? [path(part)] : [];
  const expression = expressionOf(part);
  const names = entries(folder).filter(
    (name) => expression.test(name) && (!name.startsWith(".") || part.startsWith(".")),
  );
  return names.sort().map(path).filter(isFolder);
}

function expressionOf(part: string): RegExp {
  const source = part.replace(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, (token) => {
    if (token === "*") return ".*";
    if (token === "?") return ".";
    if (token.length > 2 && token.startsWith("[")) return token.replace("[!", "[^").replaceAll("\\", "\\\\");
    return token.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source}$`);
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
