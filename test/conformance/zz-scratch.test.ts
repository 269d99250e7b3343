import { test } from "vitest";
import fc from "fast-check";
import { loadCases } from "/work/main/test/conformance/cases.ts";
import { compileScript } from "/work/main/pure/compiler/index.ts";
import { testTarget } from "/work/main/pure/compiler/testing/index.ts";
import { Vm, VmError } from "/work/main/pure/bytecode/index.ts";
const all = [...loadCases().values()].flat();
const tokens = (s: string) => s.match(/"(?:\\.|[^"\\])*"|\$\w+|@\w*|\w+|[<>=!&|+\-*/%^]=|<<|>>|&&|\|\||\+\+|--|->|\?:|\s+|./gs) ?? [];
const pool = [...new Set(all.flatMap((c) => tokens(c.program)))].filter((t) => t.trim() !== "");
const target = testTarget();
const cls = (t: string) => /^"/.test(t) ? "v" : /^[\d$@]/.test(t) ? "v" : /^\w/.test(t) ? "i" : "o";
const byClass: Record<string, string[]> = { v: pool.filter((t) => cls(t) === "v"), i: pool.filter((t) => cls(t) === "i" ), o: pool.filter((t) => cls(t) === "o") };

const seen = new Map<string, string>();
const N = Number(process.env.RUNS ?? 3000), SEED = Number(process.env.SEED ?? 1);
test("fuzz", () => {
  let ok = 0, runs = 0;
  fc.assert(fc.property(fc.nat(all.length - 1), fc.array(fc.tuple(fc.nat(4), fc.nat(), fc.nat(pool.length - 1), fc.nat()), { minLength: 1, maxLength: 3 }), (i, muts) => {
    const t = [...tokens(all[i].program)];
    for (const [kind, at, from, other] of muts) {
      const spots = t.map((x, k) => [x, k] as const).filter(([x]) => x.trim() !== "").map(([, k]) => k);
      const k = spots[at % spots.length]; const k2 = spots[other % spots.length];
      if (k === undefined) break;
      if (kind <= 1) { const g = byClass[cls(t[k])]; t[k] = from % 3 === 0 ? (t[k2] && cls(t[k2]) === cls(t[k]) ? t[k2] : g[other % g.length]) : g[from % g.length]; } else if (kind === 4) t.splice(k, 1); else if (kind === 2) t.splice(k, 0, pool[from], " "); else { const x = t[k]; t[k] = t[k2]; t[k2] = x; }
    }
    const src = t.join("");
    let stage = "compile";
    try {
      const r = compileScript(src, target, { params: all[i].params });
      if (r.compiled) {
        ok++;
        if (r.compiled.programs.every((p) => ["begin", "end"].includes(p.provider))) {
          stage = "vm"; runs++;
          const vm = new Vm({ maps: r.compiled.collection.maps, cpus: 2, instructionBudget: 300000, kfuncs: { bpf_map_sum_elem_count: () => 0n } });
          for (const p of r.compiled.collection.programs) vm.run(p);
        }
      }
    } catch (e: any) {
      const key = stage + " " + (e.message ?? "").replace(/\d+/g, "N").slice(0, 90);
      if (/instructions|budget/.test(e.message) && /while/.test(src)) return;
      if (!seen.has(key)) { seen.set(key, src); console.log("### " + stage + " " + e.name + ": " + e.message + "\n" + src + "\n" + (e.stack ?? "").split("\n").slice(1, 5).join("\n")); }
    }
  }), { numRuns: N, seed: SEED });
  console.log("compiled", ok, "ran", runs, "distinct", seen.size);
}, 600000);
