import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flameGraph, parseFolded } from "@beetrace/output";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CHROMIUM = "/usr/bin/chromium";
const FOLDED = "sh;main;parse 100\nsh;main;read_[k] 300\nsh;main;read_[k];copy_[k] 100\nvi;main 500\n";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flame-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs steps in the page of a flame graph, and gives the values that they pushed onto `said`. */
function inBrowser(steps: string): unknown {
  const svg = flameGraph(parseFolded(FOLDED), { title: "t" });
  const script = `<script><![CDATA[
    const said = [];
    const named = (name) => frames.find((frame) => frame.name === name);
    const click = (name) => named(name).element.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const press = (key, target = root) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const type = (text) => { search.value = text; search.dispatchEvent(new Event("input")); };
    const shown = () => Object.fromEntries(frames.filter(({ element }) => element.style.display !== "none")
      .map(({ name, level, element }) => [name + level, element.getAttribute("x") + " " + element.getAttribute("width")]));
    ${steps}
    root.append(Object.assign(document.createElementNS(root.namespaceURI, "desc"), { textContent: JSON.stringify(said) }));
  ]]></script></svg>`;
  const page = join(folder, "page.svg");
  writeFileSync(page, svg.replace(/<\/svg>\s*$/, script));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}/profile`, "--dump-dom"];
  const dom = execFileSync(CHROMIUM, [...flags, `file://${page}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(/<desc>(.*)<\/desc>/.exec(dom)?.[1] ?? "null");
}

describe.skipIf(!existsSync(CHROMIUM))("in a browser (needs Debian's chromium)", { timeout: 60_000 }, () => {
  test("a click zooms into a frame, and Escape back out", () => {
    const [zoomed, whole] = inBrowser(
      `click("read"); said.push(shown()); press("Escape"); said.push(shown());`,
    ) as unknown[];
    expect(zoomed).toEqual({ all0: "0% 100%", sh1: "0% 100%", main2: "0% 100%", read3: "0% 100%", copy4: "0% 25%" });
    expect(whole).toMatchObject({ all0: "0% 100%", sh1: "0% 50%", vi1: "50% 50%", read3: "10% 40%" });
  });

  test("a search marks what matches and counts what is in it once", () => {
    const steps = `for (const text of ["READ|copy", "main", "(", ""]) {
      type(text); said.push(matched.textContent + " " + document.querySelectorAll(".hit").length);
    }`;
    expect(inBrowser(steps)).toEqual(["matched: 40.00% 2", "matched: 100.00% 2", "matched: 0.00% 0", " 0"]);
  });

  test("keys go from frame to frame", () => {
    const steps = `
      const at = () => said.push(frameOf.get(document.activeElement)?.name);
      named("all").element.focus(); at();
      for (const key of ["ArrowUp", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowDown"]) { press(key, document.activeElement); at(); }
      press("Enter", document.activeElement); said.push(zoomed.name + zoomed.level);
      press("Backspace"); said.push(zoomed.name);
      press("/"); said.push(document.activeElement.id);`;
    expect(inBrowser(steps)).toEqual(["all", "sh", "main", "read", "parse", "main", "main2", "sh", "search"]);
  });
});
