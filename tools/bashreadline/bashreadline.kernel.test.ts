import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

/** An interactive shell that reads its lines from a pipe. */
const TYPED = ["/bin/sh", "-c", `printf 'true one\\n# two words\\n:\\n' | exec bash --norc --noprofile -i`];

test("every line that is entered", async () => {
  const { rows } = await runTool("bashreadline", ["--json"], TYPED);
  const { pid } = rows.find(({ command }) => command === "# two words") ?? {};
  expect(rows.filter((row) => row.pid === pid).map(({ command }) => command)).toEqual(["true one", "# two words", ":"]);
});

test("in columns, by user", async () => {
  const { lines } = await runTool("bashreadline", ["--uid", "root"], TYPED);
  expect(lines[0]).toBe("TIME      PID     COMMAND");
  expect(lines.find((line) => line.endsWith("true one"))).toMatch(/^\d\d:\d\d:\d\d {2}\d+ +true one$/);
  expect((await runTool("bashreadline", ["--uid", "nobody"], TYPED)).lines).toHaveLength(1);
});

test("a library without the function is refused", async () => {
  const { text, code } = await runTool("bashreadline", ["-s", "/bin/true"]);
  expect(text).toContain("/bin/true has no function readline");
  expect(code).toBe(1);
});
