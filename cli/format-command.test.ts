import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { formatCommand } from "./format-command.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "beetrace-fmt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const script = { kind: "text", text: "BEGIN{exit()}" } as const;
const FORMATTED = "BEGIN {\n  exit();\n}\n";

test("-o writes a new file", () => {
  expect(formatCommand({ kind: "format", script, output: join(folder, "new.bt") })).toBe(0);
  expect(readFileSync(join(folder, "new.bt"), "utf8")).toBe(FORMATTED);
});

test("-o replaces a file through a link and keeps its mode", () => {
  const file = join(folder, "old.bt");
  writeFileSync(file, "old");
  chmodSync(file, 0o755);
  symlinkSync("old.bt", join(folder, "link.bt"));
  formatCommand({ kind: "format", script, output: join(folder, "link.bt") });
  expect(readFileSync(file, "utf8")).toBe(FORMATTED);
  expect(statSync(file).mode & 0o777).toBe(0o755);
  expect(readdirSync(folder).sort()).toEqual(["link.bt", "old.bt"]);
});

test("a file that cannot be written is named", () => {
  const output = join(folder, "missing", "x.bt");
  expect(() => formatCommand({ kind: "format", script, output })).toThrow(
    `failed to write file '${output}': No such file or directory`,
  );
});
