import fc from "fast-check";
import { expect, test } from "vitest";
import { flameGraph } from "./flame-graph.ts";
import { FoldedSyntaxError, foldedText, mergeStacks, parseFolded } from "./folded.ts";

const piece = fc.oneof(
  fc.constantFrom("a;b 1\n", ";", " ", "\n", "1", "1e9", "a 99999999999999999999", "#", "_[k]"),
  fc.string({ unit: "binary" }),
);

test("any text is a list of stacks, whose picture is well formed, or an error of its own type", () => {
  let read = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        const svg = flameGraph(parseFolded(pieces.join("")), { title: pieces.join("") });
        read++;
        expect(svg.replace(/<script>.*<\/script>/s, "")).not.toMatch(/NaN|undefined|Infinity|\p{Cs}/u);
        expect(svg.split("<svg").length).toBe(svg.split("</svg>").length);
      } catch (error) {
        if (!(error instanceof FoldedSyntaxError)) throw error;
      }
    }),
    { seed: 7, numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(100);
});

test("what is written is read again", () => {
  const frame = fc.stringMatching(/^[!-:<-~]([ -:<-~]*[!-:<-~])?$/);
  const stack = fc.record({ frames: fc.array(frame, { minLength: 1, maxLength: 5 }), count: fc.integer({ min: 1 }) });
  fc.assert(
    fc.property(fc.array(stack), (stacks) => {
      const merged = mergeStacks(stacks.filter(({ frames }) => !frames[0].startsWith("#")));
      expect(parseFolded(foldedText(merged))).toEqual(merged);
    }),
    { seed: 8, numRuns: 500 },
  );
});
