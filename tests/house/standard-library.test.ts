import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { standardFilesModule } from "../../scripts/embed-stdlib.mjs";

test("the module of the standard library is what its files say (npm run docs)", () => {
  const written = readFileSync(new URL("../../pure/compiler/stdlib/files.ts", import.meta.url), "utf8");
  expect(written).toBe(standardFilesModule());
});
