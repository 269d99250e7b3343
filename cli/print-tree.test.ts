import { parseScript } from "@beetrace/compiler";
import { expect, test } from "vitest";
import { printTree } from "./print-tree.ts";

test("a script as a tree", () => {
  const { script } = parseScript("k:f /pid == 1/ { @x[1] = count(); }", { params: [] });
  expect([...printTree(script)].join("\n")).toMatchInlineSnapshot(`
    "script
      items: probe
        attachPoints: text="k:f"
          parts: text="k" quoted=false
          parts: text="f" quoted=false
        body: block
          statements: assignment
            target: map name="@x"
              key: int value=1 text="1"
            value: call name="count"
        predicate: binary operator="=="
          left: identifier name="pid"
          right: int value=1 text="1""
  `);
});
