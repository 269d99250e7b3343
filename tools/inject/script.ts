/** The script of `inject`: who is where in the chain, and a failure at its end. */
import type { Chain, Link, Target } from "./chain.ts";

/** What fails: a function that the kernel lets fail, and what it returns then. */
export interface Failure extends Target {
  readonly result: number;
}

/** How often. */
export interface Limits {
  /** Of all entries into the chain, from 0 to 1. */
  readonly probability: number;
  /** No more than so many; absent: no end. */
  readonly count?: number;
}

/** Random numbers have 32 bits. */
const RANDOM_END = 2 ** 32;

/** The script that lets a function fail at the end of a chain, and prints who called it. */
export function injectScript({ func, result }: Failure, chain: Chain, { probability, count }: Limits): string {
  const { links, predicate } = chain;
  const chance = probability < 1 ? [`rand < ${Math.round(probability * RANDOM_END)}`] : [];
  const conditions = [
    ...(links.length > 0 ? [`${inside(links.length)} > 0`] : chance),
    ...(predicate === undefined ? [] : [predicate]),
    "traced()",
    // The last: it counts those that fail.
    ...(count === undefined ? [] : [`@failed++ < ${count}`]),
  ];
  return `import "filter.bt";
${functionsOf(links)
  .map((stages) => probesOf(stages, chance))
  .join("")}
kprobe:${func}
{
  if (${conditions.join(" && ")}) {
    print((pid = pid, tid = tid, comm = comm));
    override(${result});
  }
}
${links.length === 0 ? "" : ended(links.length)}`;
}

/** A function as a part of a chain, counted from 1. */
interface Stage {
  readonly link: Link;
  readonly place: number;
}

/** How many calls of a part of the chain the task is in, since one that fitted. */
function inside(place: number): string {
  return `@in${place}[(uint64)curtask]`;
}

/** The parts of a chain by function: one may be several of them. */
function functionsOf(links: readonly Link[]): Stage[][] {
  const stages = links.map((link, index) => ({ link, place: index + 1 }));
  const names = [...new Set(links.map(({ name }) => name))];
  return names.map((name) => stages.filter(({ link }) => link.name === name));
}

/** Inner parts come first: a call is one part of the chain, not the next as well. */
function probesOf(stages: readonly Stage[], chance: readonly string[]): string {
  const [{ link }] = stages;
  const inner = stages.toReversed();
  return `
${link.entry}
{
${inner.map((stage) => enter(stage, chance)).join("")}}

${link.exit}
{
${inner.map(leave).join("")}}
`;
}

function enter({ link: { predicate }, place }: Stage, chance: readonly string[]): string {
  const conditions = [
    ...(place > 1 ? [`${inside(place - 1)} > 0`] : []),
    ...(predicate === undefined ? [] : [predicate]),
    ...(place > 1 ? [] : chance),
  ];
  return `  if (${inside(place)} > 0) {
    ${inside(place)}++;
  } else if (${conditions.join(" && ") || "true"}) {
    ${inside(place)} = 1;
  }
`;
}

function leave({ place }: Stage): string {
  return `  if (${inside(place)} > 1) {
    ${inside(place)}--;
  } else if (${inside(place)} == 1) {
    delete(@in${place}, (uint64)curtask);
  }
`;
}

/** A task that ends within the chain leaves nothing to the one that gets its place in memory. */
function ended(places: number): string {
  const deletes = Array.from(
    { length: places },
    (_, index) => `  if (${inside(index + 1)} > 0) {\n    delete(@in${index + 1}, (uint64)curtask);\n  }\n`,
  );
  return `
rawtracepoint:sched_process_exit
{
${deletes.join("")}}
`;
}
