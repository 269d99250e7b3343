import { VmError } from "@beetrace/bytecode";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileScript } from "./compile.ts";
import type { CompiledScript } from "./compiled.ts";
import { samples } from "./parser/samples.ts";
import { testTarget, testVm } from "./testing/index.ts";

const target = testTarget();
const INSTRUCTIONS_MAX = 200_000;

/** Runs a script that needs no events. Endless loops, which the verifier would refuse, are no fault of the compiler. */
function runInVm(script: CompiledScript): void {
  if (script.programs.some(({ provider }) => provider !== "begin" && provider !== "end")) return;
  const kfuncs = { bpf_map_sum_elem_count: () => 0n };
  const vm = testVm({ maps: script.collection.maps, cpus: 2, instructionBudget: INSTRUCTIONS_MAX, kfuncs });
  for (const program of script.collection.programs) {
    try {
      vm.run(program);
    } catch (error) {
      if (error instanceof VmError && error.message.includes("more than")) return;
      throw error;
    }
  }
}

// ---------------------------------------------------------------- mutations

const TOKEN = /"(?:\\.|[^"\\\n])*"|\$\w+|@\w*|\w+|[<>=!&|+\-*/%^]=|<<|>>|&&|\|\||\+\+|--|->|\?:|\s+|./gs;
const tokensOf = (text: string): string[] => text.match(TOKEN) ?? [];

const SCRIPTS: readonly string[] = [
  ...samples,
  'begin { $a = 1; $s = "abc"; $t = (1, $s, (2, 3)); @m[$a, "k"] = $t; print(@m[1, "k"].1); for $kv : @m { print($kv.0.1); } }',
  "begin { @c[pid] = count(); @h = hist(5); @l[1] = lhist(3, 0, 10, 1); print(@h, 3, 2); if (@c[1] > 2) { clear(@c); } }",
  "struct s { int a; char b[4]; unsigned c : 3; } begin { $x = (struct s *)0; print($x->b); print(sizeof(struct s)); print((uint8[4])(uint32)1); }",
  'begin { $n = 0; for $i : 0..5 { if ($i == 3) { break; } $n += $i; unroll(2) { @x++; } } printf("%d %s %r\\n", $n, comm, buf("ab", 2)); }',
  'begin { let $v: uint8 = 5; $w = if $v > 3 { $v * 2 } else { 0 }; $y = $v ? "a" : "bc"; print({ $z = $w; $z + 1 }); exit($w); }',
  "rawtracepoint:sched_switch { @[args.prev.comm, args.next->pid] = sum(args.prev_state); $p = args.next; print($p->real_parent->tgid); }",
  'fentry:vfs_read /args.count > 10/ { printf("%s %d\\n", str(args.buf, 5), args.file->f_pos); } fexit:vfs_read { @ = avg(retval); }',
  "kprobe:vfs_read { @s[tid] = nsecs; @[kstack(3)] = count(); } kretprobe:vfs_read { $d = nsecs - @s[tid]; @ = stats($d); delete(@s, tid); }",
];
const pool = [...new Set(SCRIPTS.flatMap(tokensOf))].filter((token) => token.trim() !== "");

interface Mutation {
  readonly kind: "replace" | "remove" | "insert" | "swap";
  readonly at: number;
  readonly other: number;
  readonly token: string;
}

const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("replace" as const, "remove" as const, "insert" as const, "swap" as const),
    at: fc.nat(1000),
    other: fc.nat(1000),
    token: fc.constantFrom(...pool),
  }),
  { minLength: 1, maxLength: 3 },
);

function mutated(source: string, changes: readonly Mutation[]): string {
  const tokens = tokensOf(source);
  for (const { kind, at, other, token } of changes) {
    const [here, there] = [at % tokens.length, other % tokens.length];
    if (kind === "replace") tokens[here] = token;
    else if (kind === "remove") tokens.splice(here, 1);
    else if (kind === "insert") tokens.splice(here, 0, ` ${token} `);
    else [tokens[here], tokens[there]] = [tokens[there], tokens[here]];
  }
  return tokens.join("");
}

test("a mutated script gives diagnostics or runs", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.constantFrom(...SCRIPTS), mutations, (source, changes) => {
      const { compiled, diagnostics } = compileScript(mutated(source, changes), target, { params: ["5", "text"] });
      expect(compiled === undefined).toBe(diagnostics.hasErrors);
      if (compiled) runInVm(compiled);
    }),
    { numRuns: 2500, seed: 1 },
  );
});

// ---------------------------------------------------------------- a grammar of valid scripts

type Sort = "number" | "text" | "pair" | "truth" | "statement" | "block" | "jump";
type Tie = (sort: Sort) => fc.Arbitrary<string>;

/** Text made from parts, as in `form("(# + #)", a, b)`. */
function form(pattern: string, ...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const pieces = pattern.split("#");
  return fc.tuple(...parts).map((texts) => pieces.map((piece, index) => piece + (texts[index] ?? "")).join(""));
}

const words = fc.constantFrom(
  '""',
  '"a"',
  '"abc"',
  '"a longer text"',
  '"exactly eight"',
  '"0123456789012345678901234567890123456789"',
);
const literals = fc.constantFrom(
  "0",
  "1",
  "-1",
  "5",
  "100",
  "255",
  "-129",
  "70000",
  "5000000000",
  "0x7fffffffffffffff",
);

function numbers(tie: Tie): fc.Arbitrary<string> {
  const [n, s, p, t] = [tie("number"), tie("text"), tie("pair"), tie("truth")];
  const operator = fc.constantFrom("+", "-", "*", "&", "|", "^", "<<", ">>", "/", "%");
  return fc.oneof(
    { maxDepth: 4 },
    literals,
    fc.constantFrom("$i", "$j", "@n", "@c", "(int64)@a", "$fixed", "$p.0", "(int64)pid", "@r.x"),
    fc
      .tuple(n, operator, n)
      .map(([a, o, b]) => `(${a} ${o} ${o === "<<" || o === ">>" ? `(${b} & 7)` : `($j + ${b})`})`),
    form("@m[#]", n),
    form("@k[#, #]", n, s),
    form("#.0", p),
    form("(# ? # : #)", t, n, n),
    form("(int64)#", t),
    form("(int64)strncmp(#, #, 3)", s, s),
    form("strlen(#)", s),
    form("(int64)(uint8)#", n),
    form("-(#)", n),
    form("({ $b = #; $b + 1 })", n),
    form("if # { # } else { # }", t, n, n).map((text) => `(${text})`),
    fc.constantFrom("$i++", "++$j", "@n++", "--@m[1]", "@m[$i]++"),
  );
}

function texts(tie: Tie): fc.Arbitrary<string> {
  const [n, s, p, t] = [tie("number"), tie("text"), tie("pair"), tie("truth")];
  return fc.oneof(
    { maxDepth: 3 },
    words,
    fc.constantFrom("$s", "comm", "@w", "$p.1", "@r.y"),
    form("@s[#]", s),
    form("#.1", p),
    form("(# ? # : #)", t, s, s),
    form("str(#, 3)", s),
    form("str((uint64)#)", n),
  );
}

function truths(tie: Tie): fc.Arbitrary<string> {
  const [n, s, p, t] = [tie("number"), tie("text"), tie("pair"), tie("truth")];
  const comparison = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  return fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("true", "false", "$i", "@b"),
    fc.tuple(n, comparison, n).map(([a, o, b]) => `($i + ${a} ${o} ${b})`),
    form("($s == #)", s),
    form("(# != @w)", s),
    form("($p == #)", p),
    form("(# && #)", t, t),
    form("(# || #)", t, t),
    form("!(#)", t),
    form("has_key(@m, #)", n),
    form("delete(@m, #)", n),
  );
}

function statements(tie: Tie): fc.Arbitrary<string> {
  const [n, s, p, t, block, jump] = [tie("number"), tie("text"), tie("pair"), tie("truth"), tie("block"), tie("jump")];
  const compound = fc.constantFrom("+=", "-=", "*=", "|=", "&=", "^=");
  return fc.oneof(
    { maxDepth: 3 },
    form("$i = #;", n),
    form("$j = (int64)#;", n),
    form("$s = #;", s),
    form("$p = #;", p),
    form("@n = #; @w = #; @t = #; @b = (bool)#;", n, s, p, t),
    form("@m[#] = #; @s[#] = #;", n, n, s, s),
    form("@k[#, #] = #; @u[#] = #;", n, s, n, p, p),
    form("@c = count(); @q[#] = sum(#); @a = avg(#); @x[#] = max(#);", s, n, n, n, n),
    form("@h = hist(#); @l[#] = lhist(#, 0, 100, 10); @st[#] = stats(#);", n, s, n, n, n),
    form("@r = (x = #, y = #);", n, s),
    fc
      .tuple(compound, n)
      .map(([operator, value]) => `$i ${operator} ${value}; @n ${operator} ${value}; @m[1] ${operator} ${value};`),
    form('printf("%d %s %s %ld %s\\n", #, #, #, #, #);', n, s, p, n, t),
    form("print(#); print(#); print((#, #));", n, s, p, t),
    form("delete(@s, #); delete(@q, #); delete(@l, #); delete(@c);", s, s, s),
    fc.constantFrom("clear(@m);", "zero(@q);", "print(@m);", "print(@h, 2);", "exit(1);", "return;"),
    form("if (#) # else #", t, block, block),
    form("for $loop0 : 0..3 { # # $i += $loop0; }", tie("statement").map(inLoop), jump),
    form("for $loop0 : -1..2 { for $inner0 : 0..2 { $i += $inner0; $s = #; # } }", s, jump),
    form("for $kv0 : @m { $i += $kv0.1; @n = $kv0.0 + #; # }", n, jump),
    form("for $kv0 : @q { $s = $kv0.0; $j += (int64)$kv0.1; # }", jump),
    form("{ let $n: int64 = 0; while ($n < 4) { $n++; # } }", jump),
    form("unroll(3) { $j += 1; # }", jump),
    block,
  );
}

/** A statement as it may stand in a loop: without `exit`, its own loops' variables one level deeper. */
function inLoop(text: string): string {
  const deeper = (_: string, name: string, level: string) => `$${name}${Number(level) + 1}`;
  return text.replace(/exit\(1\);/g, "").replace(/\$(loop|inner|kv)(\d+)/g, deeper);
}

const { statement } = fc.letrec<Record<Sort, string>>((tie) => ({
  number: numbers(tie),
  text: texts(tie),
  truth: truths(tie),
  pair: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("$p", "@t"),
    form("(#, #)", tie("number"), tie("text")),
    form("(# ? # : #)", tie("truth"), tie("pair"), tie("pair")),
  ),
  statement: statements(tie),
  block: form("{ # # }", tie("statement"), tie("statement")),
  jump: form("if (#) { # }", tie("truth"), fc.constantFrom("break;", "continue;", "return;", "$i++;")),
}));

/** Everything that the grammar uses, with its widest type. */
const PREAMBLE = `begin {
  @n = 5000000000; @w = "0123456789012345678901234567890123456789"; @t = (5000000000, @w); @b = true;
  @m[5000000000] = 5000000000; @s[@w] = @w; @k[5000000000, @w] = 5000000000; @u[@t] = @t; @r = (x = 5000000000, y = @w);
  @c = count(); @q[@w] = sum(-5); @a = avg(-5); @x[5000000000] = max(-5); @h = hist(5); @l[@w] = lhist(5, 0, 100, 10); @st[5000000000] = stats(-5);
}`;
const LOCALS = "let $i: int64 = 1; let $j: int64 = 2; $s = @w; $p = @t; let $fixed: int64 = 0;";

test("a valid script compiles and runs", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), (list) => {
      const body = list.join("\n  ");
      const source = `${PREAMBLE} begin { ${LOCALS}\n  ${body}\n}`;
      const { compiled, diagnostics } = compileScript(source, target);
      expect(diagnostics.all.filter(({ severity }) => severity === "error").map(({ message }) => message)).toEqual([]);
      runInVm(compiled!);
    }),
    { numRuns: 80, seed: 3 },
  );
});
