import { expect, test } from "vitest";
import { parseScript } from "./parser.ts";
import { printScript } from "./print.ts";
import { samples, shapeOf } from "./samples.ts";

function print(source: string): string {
  const { script, diagnostics } = parseScript(source, { params: [] });
  expect(diagnostics.all).toEqual([]);
  return printScript(script, source);
}

function holds(source: string): void {
  const once = print(source);
  expect(shapeOf(once)).toEqual(shapeOf(source));
  expect(print(once)).toBe(once);
}

test.each(samples.map((source) => [source]))("%j keeps its meaning and is printed the same again", (source) => {
  holds(source);
});

test("the canonical form", () => {
  const source = `#!/usr/bin/env beetrace
// A tool.


#include <linux/sched.h>
struct x { int a; };   // kept
config={max_strlen=64 ; missing_probes=warn}
let @a=hash(1);
let @b=lruhash(2);

macro twice(x){x*2}
fn f($a:int64,$b:struct x*):void{return;}
BEGIN{printf("a");  // why
  // next

  @x[pid,comm]=count();delete(@x[1,2])}
kprobe:f,k=kretprobe:g /pid==1&&comm!="a"/{if(@x){$y=1}else if($y>2){}else{exit()} // odd
for($i:0..10){break;}while(1){continue}unroll(3){@++}}
`;
  expect(print(source)).toBe(`#!/usr/bin/env beetrace
// A tool.

#include <linux/sched.h>
struct x { int a; }; // kept

config = {
  max_strlen = 64;
  missing_probes = warn;
}

let @a = hash(1);
let @b = lruhash(2);

macro twice(x) { x * 2 }

fn f($a: int64, $b: struct x *): void {
  return;
}

BEGIN {
  printf("a"); // why
  // next

  @x[pid, comm] = count();
  delete(@x[1, 2]);
}

kprobe:f, k=kretprobe:g /pid == 1 && comm != "a"/ {
  if (@x) {
    $y = 1;
  } else if ($y > 2) { } else {
    exit();
  } // odd
  for $i : 0..10 {
    break;
  }
  while (1) {
    continue;
  }
  unroll (3) {
    @++;
  }
}
`);
});

function printed(expression: string): string {
  const text = print(`begin { $r = ${expression}; }`);
  return text.slice("begin {\n  $r = ".length, -";\n}\n".length);
}

test.each([
  ["((1) + (2 * 3))", "1 + 2 * 3"],
  ["(1 + 2) * 3", "(1 + 2) * 3"],
  ["1 - (2 - 3)", "1 - (2 - 3)"],
  ["a && b || c", "(a && b) || c"],
  ["a & b == c", "a & (b == c)"],
  ["a << 1 + b", "a << (1 + b)"],
  ["a | b | c", "a | b | c"],
  ["(a ? b : c) ? d : e", "(a ? b : c) ? d : e"],
  ["a ?: (b ?: c)", "a ?: b ?: c"],
  ["-(-1)", "-(-1)"],
  ["- --$x", "-(--$x)"],
  ["&(&$x)", "&(&$x)"],
  ["!(!a)", "!!a"],
  ["(*$p).x", "(*$p).x"],
  ["*$p.x", "*$p.x"],
  ["((struct x*)$p)->y", "((struct x *)$p)->y"],
  ["(uint8[4])(uint32)1", "(uint8[4])(uint32)1"],
  ["(foo)(-1)", "(foo)(-1)"],
  ["(u32)(-1)", "(u32)-1"],
  ["(@x)[1]", "(@x)[1]"],
  ["@x[(1,2)]", "@x[1, 2]"],
  ["@x[(1,)]", "@x[(1,)]"],
  ["sizeof((uint8))", "sizeof((uint8))"],
  ["(long unsigned int)1", "(unsigned long)1"],
  ["comptime 1+2", "comptime 1 + 2"],
  ["(comptime 1)+2", "(comptime 1) + 2"],
  ["if a {1} else {2}", "if (a) { 1 } else { 2 }"],
  ["{1} + 2", "({ 1 }) + 2"],
  ["(a=1,b=2)", "(a = 1, b = 2)"],
])("%s is printed as %s", (written, canonical) => {
  expect(printed(written)).toBe(canonical);
  holds(`begin { $r = ${written}; }`);
});

test("a predicate that begins with a star stands apart from its slash", () => {
  expect(print("kprobe:f / *$p / { }")).toBe("kprobe:f / *$p/ { }\n");
});

test("long lines are broken", () => {
  const name = "abcdefghijklmnopqrstuvwxyz";
  expect(print(`begin { printf("%d %d %d %d", $${name}, $${name}, $${name}, $${name}); }`)).toBe(`begin {
  printf("%d %d %d %d", $${name}, $${name},
      $${name}, $${name});
}
`);
  expect(print(`kprobe:${name},kprobe:${name},kprobe:${name},kprobe:${name} /pid/{}`)).toBe(
    `kprobe:${name},\nkprobe:${name},\nkprobe:${name},\nkprobe:${name}\n/pid/\n{ }\n`,
  );
});

test("comments in odd places are kept once each", () => {
  const source = `/*1*/ kprobe:f, // 2
/*3*/ kprobe:g // 4
/ /*5*/ pid /*6*/ / // 7
{ // 8
  /*9*/ foo(1, // 10
    2); /*11*/ // 12
  if (1 /*13*/) /*14*/ { /*15*/ } /*16*/ else { /*17*/ 1; } // 18
  $x = { /*19*/ 1 /*20*/ };
  // 21
} // 22
// 23`;
  const once = print(source);
  for (let n = 1; n <= 23; n++) expect(once.match(new RegExp(`/[/*] ?${n}\\b`, "g"))?.length).toBe(1);
  holds(source);
});
