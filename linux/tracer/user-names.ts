import { readFileSync } from "node:fs";

/** Names of users by id, from a file in the form of /etc/passwd (byte text). The first line of an id counts. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (id === undefined || !/^\d+$/.test(id) || names.has(Number(id))) continue;
    names.set(Number(id), name);
  }
  return names;
}

/** The users of this machine; none where the file cannot be read. */
export function localUsers(path = "/etc/passwd"): ReadonlyMap<number, string> {
  try {
    return parsePasswd(readFileSync(path, "latin1"));
  } catch {
    return new Map();
  }
}
