import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const launcher = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "beetrace");

test("what the launcher keeps from node reaches the programs that are started", () => {
  const script = 'BEGIN { system("echo $NODE_EXTRA_CA_CERTS:$BEETRACE_NODE_EXTRA_CA_CERTS"); }';
  const output = execFileSync(launcher, ["-q", "--unsafe", "-e", script], {
    encoding: "utf8",
    env: { ...process.env, NODE_EXTRA_CA_CERTS: "/no/such/file" },
  });
  expect(output).toContain("/no/such/file:\n");
});
