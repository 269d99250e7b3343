import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../tracing/process.ts";
import { hasTerminals, Screen } from "../tracing/screen.ts";

const has = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;
const beetrace = (...argv: string[]) => spawnSync(join(root, "beetrace"), argv, { encoding: "utf8" });

let folder: string;
const script = (shell: string) => join(folder, shell);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  for (const shell of ["bash", "zsh", "fish"]) writeFileSync(script(shell), beetrace("--completion", shell).stdout);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers for the last of these words. */
function bash(...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const command = `. ${script("bash")}; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _beetrace`;
  const text = execFileSync("bash", ["-c", `${command}; printf '%s\\n' "\${COMPREPLY[@]}"`], { encoding: "utf8" });
  return text.split("\n").filter((word) => word !== "");
}

/** What fish offers for a line, without the descriptions. */
function fish(line: string): string[] {
  const text = execFileSync("fish", ["-c", `source ${script("fish")}; complete -C '${line}'`], { encoding: "utf8" });
  return text.split("\n").flatMap((each) => (each === "" ? [] : [each.split("\t")[0]]));
}

test("bash", () => {
  expect(bash("beetrace", "opens")).toEqual(["opensnoop"]);
  expect(bash("beetrace", "--list-t")).toEqual(["--list-tools"]);
  expect(bash("beetrace", "opensnoop", "--du")).toEqual(["--duration"]);
  expect(bash("beetrace", "opensnoop", "-x")).toEqual(["-x"]);
  expect(bash("beetrace", "-e", "begin { }", "--du")).toEqual(["--duration"]);
  expect(bash("beetrace", "tcptop", "--fla")).toEqual([]);
  expect(bash("beetrace", "--completion", "")).toEqual(["bash", "zsh", "fish"]);
  expect(bash("beetrace", "./script")).toEqual([]); // readline goes on with files
});

test.skipIf(!has("fish"))("fish (needs fish)", () => {
  expect(fish("beetrace opens")).toEqual(["opensnoop"]);
  expect(fish("beetrace --list-t")).toEqual(["--list-tools"]);
  expect(fish("beetrace opensnoop --dur")).toEqual(["--duration"]);
  expect(fish("beetrace tcptop --fla")).toEqual([]);
  expect(fish("beetrace --completion ").toSorted()).toEqual(["bash", "fish", "zsh"]);
});

describe.skipIf(!has("zsh") || !hasTerminals)("zsh (needs zsh and tmux)", () => {
  test("a tool, its options with what they are, a file", async () => {
    const setUp = `autoload -Uz compinit && compinit -D; . ${script("zsh")}; PS1='> '; cd ${folder}; clear`;
    using screen = new Screen(`ZDOTDIR=${folder} zsh -f -i`, 100, 20);
    await screen.until(/[%#]$/m);
    screen.type(`${setUp}\n`);
    await screen.until(/^>$/m);
    screen.type("beetrace opens\t");
    await screen.until(/^> beetrace opensnoop$/m);
    screen.type("--dur\t");
    await screen.until(/^> beetrace opensnoop --duration$/m);
    screen.type("\x15beetrace opensnoop --full\t\x15beetrace tcptop --ipv\t\t");
    expect(await screen.until(/IPv6 only/)).toMatch(/--ipv4 .*IPv4 only\n.*--ipv6 .*IPv6 only/);
    screen.type("\x15beetrace bas\t\t");
    expect(await screen.until(/^bashreadline +-- /m)).toMatch(/^bash$/m);
    screen.type("\x15exit\n");
  });
});

describe("the command line", () => {
  test("a tool that is not there", () => {
    const { stderr, status } = beetrace("opensnop", "-x");
    expect([stderr, status]).toEqual([
      "ERROR: there is no tool and no file 'opensnop'\n" +
        "HINT: did you mean opensnoop? beetrace --list-tools lists the tools\n",
      1,
    ]);
    expect(beetrace("zzzzzzzz").stderr).toMatch(/HINT: beetrace --list-tools lists the tools\n$/);
    expect(beetrace("./opensnop").stderr).toBe("ERROR: failed to open file './opensnop': No such file or directory\n");
  });

  test("tools by what they are about, with what they need", () => {
    const list = beetrace("--list-tools").stdout;
    expect(list).toMatch(/^files\n( {2}.*\n)* {2}opensnoop +files that are opened\n +needs tracepoint syscalls:/m);
    expect(list.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test("an ordinary user is told once", () => {
    const { stdout, stderr } = spawnSync(
      "setpriv",
      ["--reuid=65534", "--clear-groups", join(root, "beetrace"), "biotop"],
      {
        encoding: "utf8",
      },
    );
    expect(stdout).toBe("");
    expect(stderr).toBe(
      "ERROR: beetrace needs CAP_BPF and CAP_PERFMON; please run beetrace as the root user.\n" +
        "HINT: sudo beetrace …, or setcap these and CAP_DAC_READ_SEARCH (capabilities(7))\n",
    );
  });

  test("a shell that nobody has", () => {
    expect(beetrace("--completion", "tcsh").stderr).toBe("ERROR: --completion: 'tcsh' is none of bash, zsh, fish\n");
  });
});
