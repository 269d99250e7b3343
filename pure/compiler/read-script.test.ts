import { expect, test } from "vitest";
import { compileScript } from "./compile.ts";
import { type ReadImport, readScript } from "./read-script.ts";
import { renderDiagnostics } from "./render.ts";
import { standardNames } from "./stdlib/standard.ts";
import { testTarget } from "./testing/index.ts";

const FILES: Readonly<Record<string, string>> = {
  "lib.bt": "macro inc($v) { $v += 1; }\nbegin { @imported = 1; }\n",
  "types.h": "struct point { int x; int y; };\n",
  "outer.bt": 'import "lib.bt";\nmacro twice($v) { inc($v); inc($v); }\n',
  "broken.bt": "macro m() { 1 + }\n",
  "config.bt": "config = { max_strlen = 64 }\n",
};

const readImport: ReadImport = (path) => {
  const text = FILES[path];
  return text === undefined ? "No such file or directory" : [{ name: `/lib/${path}`, text }];
};

function read(text: string) {
  return readScript(text, { sourceName: "a.bt", params: [], readImport });
}

function told(text: string): string {
  const { diagnostics, sources } = read(text);
  return renderDiagnostics(diagnostics.all, sources, { color: false });
}

test("probes, macros and structs of imported files are there, each file once", () => {
  const { script, sources, diagnostics } = read(
    'import "outer.bt"; import "lib.bt"; import "types.h"; begin { $n = 1; twice($n); }',
  );
  expect(diagnostics.all).toEqual([]);
  expect(sources.map(({ name }) => name)).toEqual(["a.bt", "/lib/outer.bt", "/lib/lib.bt", "/lib/types.h"]);
  expect(script.items.length).toBe(2);
  expect(script.definitions.map(({ name }) => name)).toEqual(["point"]);
});

test("the script's own tree stays as it is written", () => {
  const { written } = read('import "lib.bt"; begin { $n = 1; inc($n); }');
  expect(written.items.length).toBe(1);
  expect(JSON.stringify(written.items, (_, value) => (typeof value === "bigint" ? Number(value) : value))).toContain(
    '"inc"',
  );
});

test("a mistake in an imported file is told with its name and line", () => {
  expect(told('import "broken.bt"; begin { }')).toBe(
    "/lib/broken.bt:1:17-18: ERROR: syntax: unexpected '}', expected an expression\nmacro m() { 1 + }\n                ~\n",
  );
});

test("what cannot be imported", () => {
  expect(told('import "none.bt"; begin { }')).toContain("Cannot import 'none.bt': No such file or directory\n");
  expect(told('import "config.bt"; begin { }')).toContain(
    "/lib/config.bt:1:1-29: ERROR: A config block stands in the script itself",
  );
});

test("what is wrong inside a macro is told with the calls that lead there", () => {
  const text = 'macro a($x) { $x + 1 }\nmacro b($x) { a($x) }\nbegin { $s = "text"; b($s); }';
  const { diagnostics, sources } = compileScript(text, testTarget());
  expect(renderDiagnostics(diagnostics.all, sources, { color: false })).toBe(
    `stdin:1:15-21: ERROR: The + operator can not be used on expressions of types 'string[5]', 'int8'
macro a($x) { $x + 1 }
              ~~~~~~
stdin:2:15-20: ERROR: expanded from
macro b($x) { a($x) }
              ~~~~~
stdin:3:22-27: ERROR: expanded from
begin { $s = "text"; b($s); }
                     ~~~~~
`,
  );
});

test("the standard library parses, and every macro of it says what it is for", () => {
  const names = [...standardNames()];
  expect(names).toContain("assert");
  for (const name of names) expect(told(`begin { ${name}; }`)).not.toContain("syntax");
});
