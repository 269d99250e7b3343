import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { hasTerminals, Screen } from "../tracing/screen.ts";

/** Whether the terminal is as it was: it gathers lines, shows what is typed, and makes signals of keys. */
const IS_RESTORED = "stty -a | grep -qw -- 'isig icanon' && stty -a | grep -qw -- 'echo' && echo restored";

describe.skipIf(!hasTerminals)("tables of a tool that refresh (needs tmux)", () => {
  let screen: Screen | undefined;
  afterEach(() => {
    screen?.[Symbol.dispose]();
  });
  const start = (command: string, columns = 90, rows = 16) => {
    screen = new Screen(`${command}; s=$?; ${IS_RESTORED}; (exit $s)`, columns, rows);
    return screen;
  };

  test("have the whole screen, in the order that keys choose, until q gives it back", async () => {
    const screen = start("./beetrace slabratetop");
    const lines = (await screen.until(/^CACHE +ALLOCS +BYTES\n/m)).split("\n");
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d loadavg: /);
    expect(lines.slice(1, 3)).toEqual(["", "CACHE                            ALLOCS      BYTES"]);
    expect(lines.slice(3, 15).filter((line) => /^\S+ +\d+ +\d+$/.test(line))).toHaveLength(12);
    expect(lines[15]).toBe("space pause  r reverse  q quit  sort by c CACHE  a ALLOCS  b BYTES");
    screen.press("Space");
    screen.press("c");
    const sorted = names(await screen.until(/^\[space go on\].*\[c CACHE\]/m));
    expect(sorted).toEqual(sorted.toSorted());
    screen.press("r");
    const reversed = names(await screen.until(/\[r reversed\]/));
    expect(reversed).toEqual(reversed.toSorted().reverse());
    screen.resize(60, 8);
    expect(names(await screen.until(/sort by \[c CACHE\] {2}a A…$/m))).toEqual(reversed.slice(0, 4));
    screen.resize(90, 40);
    screen.press("q");
    const end = await screen.until(/^restored\nstatus 0$/m);
    expect(names(end).slice(0, 4)).toEqual(reversed.slice(0, 4));
    expect(end).not.toContain("sort by");
  });

  test("give the terminal back at Ctrl-C, at the last count and at SIGTERM", async () => {
    const interrupted = start("./beetrace slabratetop");
    await interrupted.until(/sort by/);
    interrupted.press("C-c");
    await interrupted.until(/^restored\nstatus 0$/m);
    interrupted[Symbol.dispose]();
    const counted = start("./beetrace slabratetop 1 2");
    await counted.until(/sort by/);
    expect(names(await counted.until(/^restored\nstatus 0$/m)).length).toBeGreaterThan(3);
    counted[Symbol.dispose]();
    const folder = mkdtempSync(join(tmpdir(), "screen-"));
    const pidFile = join(folder, "pid");
    const ended = start(`(echo $BASHPID >${pidFile}; exec ./beetrace slabratetop)`);
    await ended.until(/sort by/);
    process.kill(Number(readFileSync(pidFile, "latin1")), "SIGTERM");
    await ended.until(/^restored\nstatus 0$/m);
    rmSync(folder, { recursive: true });
  });

  test("are printed one under another where they are not to clear the screen, or the input is no terminal", async () => {
    const plain = start("./beetrace slabratetop -C -r 2 1 2", 90, 30);
    expect(await plain.until(/^status 0$/m)).toMatch(/(^CACHE .*\n(\S+ +\d+ +\d+\n){2}[\s\S]*){2}restored/m);
    plain[Symbol.dispose]();
    const piped = start("./beetrace slabratetop -r 2 1 2 </dev/null", 90, 30);
    expect((await piped.until(/^status 0$/m)).match(/^CACHE /gm)).toHaveLength(1);
  });
});

/** The caches of the table. */
function names(text: string): string[] {
  return [...text.matchAll(/^(\S+) +\d+ +\d+$/gm)].map(([, name]) => name);
}
