import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { standardFilesModule } from "../../scripts/embed-stdlib.mjs";
import { toolListModule, toolScriptsModule } from "../../scripts/embed-tools.mjs";

test.each([
  ["pure/compiler/stdlib/files.ts", standardFilesModule],
  ["tools/list.ts", toolListModule],
  ["tools/scripts.ts", toolScriptsModule],
])("%s is what it is made of (npm run docs)", (path, module) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")).toBe(module());
});
