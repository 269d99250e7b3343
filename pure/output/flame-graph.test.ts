import { describe, expect, it } from "vitest";
import { flameGraph } from "./flame-graph.ts";
import { flameTree } from "./flame-tree.ts";
import { parseFolded } from "./folded.ts";

const STACKS = parseFolded("sh;main;read_[k] 300\nsh;main 100\nsh;main;std::map<a&b>;leaf_[i] 100\nvi 500\n");

describe("the tree", () => {
  it("puts stacks together by their callers, callees in the order of their names", () => {
    const { frames, total, levels } = flameTree(STACKS, 0);
    expect({ total, levels }).toEqual({ total: 1000, levels: 5 });
    expect(frames.map(({ name, level, start, total }) => [name, level, start, total])).toEqual([
      ["all", 0, 0, 1000],
      ["sh", 1, 0, 500],
      ["main", 2, 0, 500],
      ["read_[k]", 3, 0, 300],
      ["std::map<a&b>", 3, 300, 100],
      ["leaf_[i]", 4, 300, 100],
      ["vi", 1, 500, 500],
    ]);
  });

  it("has no frames that are too narrow, nor what they called", () => {
    expect(flameTree(STACKS, 0.2).frames.map(({ name }) => name)).toEqual(["all", "sh", "main", "read_[k]", "vi"]);
  });

  it("knows what another profile had, and takes no frames from it", () => {
    const { frames, totalBefore } = flameTree(STACKS, 0, parseFolded("sh;main 30\ngone 10\n"));
    expect(totalBefore).toBe(40);
    expect(frames.filter(({ before }) => before > 0).map(({ name, before }) => [name, before])).toEqual([
      ["all", 40],
      ["sh", 30],
      ["main", 30],
    ]);
  });

  it("takes stacks of any depth, and none", () => {
    const deep = { frames: Array.from({ length: 50_000 }, (_, level) => `f${level}`), count: 1 };
    expect(flameTree([deep], 0).levels).toBe(50_001);
    expect(flameTree([], 0)).toEqual({ frames: [], total: 0, totalBefore: 0, levels: 0 });
  });
});

/** The frames: what the picture has between its head and its script. */
const framesOf = (svg: string) => svg.slice(svg.indexOf('<svg id="frames">'), svg.indexOf('<text id="details"'));

describe("the picture", () => {
  it("has a rectangle a frame, with its name and its counts", () => {
    const svg = flameGraph(STACKS, { title: "profile:hz:99 { @[comm, ustack, kstack] = count(); } // <&>" });
    expect(svg).toContain("<title>profile:hz:99 { @[comm, ustack, kstack] = count(); } // &lt;&amp;&gt;</title>");
    expect(svg).toContain('width="1200" height="169" viewBox="0 0 1200 169"');
    expect(framesOf(svg)).toMatchInlineSnapshot(`
      "<svg id="frames">
      <svg x="0%" y="126" width="100%" height="17" data-level="0"><title>all
      1,000 samples, 100.00%</title><rect width="100%" height="16" rx="1" fill="#c9c9c9"/><text x="3" y="12">all</text></svg>
      <svg x="0%" y="109" width="50%" height="17" data-level="1"><title>sh
      500 samples, 50.00%</title><rect width="100%" height="16" rx="1" fill="hsl(51,88%,65%)"/><text x="3" y="12">sh</text></svg>
      <svg x="0%" y="92" width="50%" height="17" data-level="2"><title>main
      500 samples, 50.00%</title><rect width="100%" height="16" rx="1" fill="hsl(18,88%,63%)"/><text x="3" y="12">main</text></svg>
      <svg x="0%" y="75" width="30%" height="17" data-level="3"><title>read
      300 samples, 30.00%</title><rect width="100%" height="16" rx="1" fill="hsl(212,60%,73%)"/><text x="3" y="12">read</text></svg>
      <svg x="30%" y="75" width="10%" height="17" data-level="3"><title>std::map&lt;a&amp;b&gt;
      100 samples, 10.00%</title><rect width="100%" height="16" rx="1" fill="hsl(46,88%,71%)"/><text x="3" y="12">std::map&lt;a&amp;b&gt;</text></svg>
      <svg x="30%" y="58" width="10%" height="17" data-level="4"><title>leaf
      100 samples, 10.00%</title><rect width="100%" height="16" rx="1" fill="hsl(114,45%,69%)"/><text x="3" y="12">leaf</text></svg>
      <svg x="50%" y="109" width="50%" height="17" data-level="1"><title>vi
      500 samples, 50.00%</title><rect width="100%" height="16" rx="1" fill="hsl(30,88%,69%)"/><text x="3" y="12">vi</text></svg>
      </svg>
      "
    `);
  });

  it("leaves the unit out where it is unknown", () => {
    expect(flameGraph(STACKS, { title: "t", unit: "" })).toContain("<title>vi\n500, 50.00%</title>");
  });

  it("leaves out what is narrower than a tenth of a pixel", () => {
    const svg = flameGraph(parseFolded("wide 11999.1\nnarrow 0.9\n"), { title: "t" });
    expect(svg).toContain("<title>wide\n");
    expect(svg).not.toContain("narrow");
    expect(flameGraph(parseFolded("wide 11998\njust 1\n"), { title: "t" })).toContain("<title>just\n");
  });

  it("shows what has changed since another profile: red has grown, blue has shrunk", () => {
    const before = parseFolded("sh;main 80\nvi 20\n");
    expect(framesOf(flameGraph(STACKS, { title: "t", before }))).toMatchInlineSnapshot(`
      "<svg id="frames">
      <svg x="0%" y="126" width="100%" height="17" data-level="0"><title>all
      1,000 samples, 100.00%; before 100, 100.00%: +0.00 points</title><rect width="100%" height="16" rx="1" fill="rgb(240,240,240)"/><text x="3" y="12">all</text></svg>
      <svg x="0%" y="109" width="50%" height="17" data-level="1"><title>sh
      500 samples, 50.00%; before 80, 80.00%: -30.00 points</title><rect width="100%" height="16" rx="1" fill="rgb(90,90,240)"/><text x="3" y="12">sh</text></svg>
      <svg x="0%" y="92" width="50%" height="17" data-level="2"><title>main
      500 samples, 50.00%; before 80, 80.00%: -30.00 points</title><rect width="100%" height="16" rx="1" fill="rgb(90,90,240)"/><text x="3" y="12">main</text></svg>
      <svg x="0%" y="75" width="30%" height="17" data-level="3"><title>read
      300 samples, 30.00%; before 0, 0.00%: +30.00 points</title><rect width="100%" height="16" rx="1" fill="rgb(240,90,90)"/><text x="3" y="12">read</text></svg>
      <svg x="30%" y="75" width="10%" height="17" data-level="3"><title>std::map&lt;a&amp;b&gt;
      100 samples, 10.00%; before 0, 0.00%: +10.00 points</title><rect width="100%" height="16" rx="1" fill="rgb(240,153,153)"/><text x="3" y="12">std::map&lt;a&amp;b&gt;</text></svg>
      <svg x="30%" y="58" width="10%" height="17" data-level="4"><title>leaf
      100 samples, 10.00%; before 0, 0.00%: +10.00 points</title><rect width="100%" height="16" rx="1" fill="rgb(240,153,153)"/><text x="3" y="12">leaf</text></svg>
      <svg x="50%" y="109" width="50%" height="17" data-level="1"><title>vi
      500 samples, 50.00%; before 20, 20.00%: +30.00 points</title><rect width="100%" height="16" rx="1" fill="rgb(240,90,90)"/><text x="3" y="12">vi</text></svg>
      </svg>
      "
    `);
  });

  it("of no stacks says so", () => {
    const svg = flameGraph([], { title: "nothing" });
    expect(svg).toContain("no stacks</text>");
    expect(svg).not.toContain("<script>");
  });

  it("of a hundred thousand deep stacks does not take long", () => {
    const names = Array.from({ length: 64 * 30 }, (_, at) => `function_${at % 64}_${Math.floor(at / 64)}`);
    const stacks = Array.from({ length: 100_000 }, (_, index) => ({
      frames: Array.from({ length: 30 }, (_, level) => names[level * 64 + ((index >> (level >> 1)) & 63)]),
      count: 1 + (index % 7),
    }));
    const startedAt = performance.now();
    const svg = flameGraph(stacks, { title: "large" });
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(svg.length).toBeLessThan(40_000_000);
  }, 60_000);
});
