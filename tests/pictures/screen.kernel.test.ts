import { afterEach, describe, expect, test } from "vitest";
import { HAS_TMUX, Screen } from "./tmux-screen.ts";

const SCRIPT =
  'BEGIN { @a["one"] = 10; @a["two"] = 20; printf("printed\\n"); } interval:ms:100 { @n = count(); @h = hist(3); } END { printf("end\\n"); }';

describe.skipIf(!HAS_TMUX)("a screen (needs tmux)", () => {
  let screen: Screen | undefined;
  afterEach(() => {
    screen?.[Symbol.dispose]();
  });
  const start = (options: string, columns = 90, rows = 24) => {
    screen = new Screen(`./beetrace --live --refresh 200ms ${options} -e '${SCRIPT}'`, columns, rows);
    return screen;
  };

  test("has the maps and what is printed, and gives the terminal back at the end", async () => {
    const screen = start("");
    const text = await screen.until(/@n +\d+ +9.\d+\/s/);
    expect(text.split("\n")[0]).toMatch(
      /^BEGIN .*… {2}00:0\d {2}q quit {2}p pause {2}s sort: value {2}1-3 one map {2}0 all$/,
    );
    expect(text).toMatch(/^1 @a\[\] +value +per s\ntwo +20 .*\none +10 /m);
    expect(text).toMatch(/^2 @h +\d+ in all {2}.*\n\[2, 4\) +\d+ +█{60}/m);
    expect(text).toMatch(/^─{90}\nprinted$/m);
    screen.press("q");
    const end = await screen.until(/^status 0$/m);
    expect(end).toMatch(
      /^printed\nend\n\n\n@a\[one\]: 10\n@a\[two\]: 20\n@h:\n\[2, 4\) +\d+ \|@+\|\n\n@n: \d+\nstatus 0$/m,
    );
    expect(end).not.toContain("q quit");
  });

  test("listens to keys, and follows the terminal's size", async () => {
    const screen = start("");
    await screen.until(/@n +\d+[\s\S]*^two .*\none /m);
    screen.press("ss");
    await screen.until(/sort: key.*\n[\s\S]*^one .*\ntwo /m);
    screen.press("1");
    expect(await screen.until(/@a\[\]/)).not.toMatch(/@h/);
    screen.resize(50, 10);
    await screen.until(/^─{50}\n/m);
    screen.press("p");
    await screen.until(/^paused /m);
    screen.press("0");
    await screen.until(/@n/);
    screen.press("C-c");
    await screen.until(/^status 0$/m);
  });

  test("ends with the run", async () => {
    const screen = start("--duration 1s");
    await screen.until(/q quit/);
    expect(await screen.until(/^status 0$/m)).toContain("@a[two]: 20");
  });

  test("is left for another job by Ctrl-Z", async () => {
    const screen = start("", 90, 24);
    await screen.until(/q quit/);
    screen.press("C-z");
    expect(await screen.until(/^stopped$/m)).not.toContain("q quit");
    screen.press("Enter");
    await screen.until(/q quit/);
    screen.press("q");
    await screen.until(/^status 0$/m);
  });
});
