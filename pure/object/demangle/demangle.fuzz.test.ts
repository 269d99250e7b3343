import fc from "fast-check";
import { expect, it } from "vitest";
import { demangle } from "./demangle.ts";

const SEEDS = [
  "_ZNSt6vectorIPFvPN2v87IsolateEESaIS4_EE17_M_realloc_insertIJRKS4_EEEvN9__gnu_cxx17__normal_iteratorIPS4_S6_EEDpOT_",
  "_ZZ1fvENKUlT_E0_clIiEEDaS_",
  "_ZN4llvm10checkedAddIlEENSt9enable_ifIXsr3std9is_signedIT_EE5valueENS_8OptionalIS2_EEE4typeES2_S2_",
  "_Z1fIJiEEDTfLplLi0Efp_EDpT_",
  "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE",
  "_RINvC3foo3barFUKCPhOlEuE",
  "_RNvXs8Z_NtNtC4jiff4util8rangeintINtB6_5ri128Knn8_Kn7f_ENtNtC4core3fmt7Display3fmtBa_",
  "_RNvNtC3foou8gdel_5qa3bar",
];

const LETTERS = "NSTIELJXKPRODvicdtnplsrgGZUBFAM0123456789_abC$.h";

/** A real name with some characters changed, left out or repeated. */
const damaged = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(fc.tuple(fc.nat(150), fc.constantFrom("change", "drop", "repeat"), fc.constantFrom(...LETTERS)), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([seed, edits]) =>
    edits.reduce((name, [at, edit, letter]) => {
      if (edit === "drop") return name.slice(0, at) + name.slice(at + 1);
      if (edit === "repeat") return name.slice(0, at) + name.slice(Math.max(at - 8, 0));
      return name.slice(0, at) + letter + name.slice(at + 1);
    }, seed),
  );

const invented = fc
  .tuple(fc.constantFrom("_Z", "_ZN", "_Z1fI", "_Z1fIiEDT", "_R", "_RINvC1a1b"), fc.array(fc.constantFrom(...LETTERS)))
  .map(([prefix, letters]) => prefix + letters.join(""));

it("demangle gives text for every name, soon", () => {
  fc.assert(
    fc.property(fc.oneof(damaged, invented, fc.string()), (name) => {
      const plain = demangle(name);
      expect(typeof plain).toBe("string");
      expect(plain.length).toBeLessThan(300_000);
    }),
    { seed: 1, numRuns: 20_000 },
  );
});
