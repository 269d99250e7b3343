import { answer } from "../answer.ts";
import { processFiles } from "../process-mappings.ts";
import type { Answer, Given, Machine, Tool, UsdtPlace } from "../tool.ts";

/** `beetrace tplist` */
export const tool: Tool = {
  name: "tplist",
  summary: "tracepoints of the kernel, static probes of programs, and what each tells",
  group: "kernel",
  hasNoTasks: true,
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "static probes of a process and its libraries" },
    { long: "lib", letter: "l", argument: "LIB", help: "static probes of a library or program, by name or path" },
    {
      long: "variables",
      letter: "v",
      help: "the fields of each tracepoint; the places and arguments of each static probe",
    },
  ],
  positionals: [{ name: "filter", kind: "text", help: "only those that match, with * and ?" }],
  examples: [
    ["beetrace tplist 'block:*'", "tracepoints of block devices"],
    ["beetrace tplist -v sched:sched_switch", "the fields of one"],
    ["beetrace tplist -l c", "static probes of libc"],
    ["beetrace tplist -p 1234 '*gc*'", "of a process, those named so"],
  ],
  hooks: "none: it looks into tracefs and the files of programs",
  plan,
};

function plan(given: Given, machine: Machine): Answer {
  if (given.has("lib")) return staticProbes(given, machine, [machine.binary(given.text("lib") ?? "")]);
  if (given.has("pid")) return staticProbes(given, machine, processFiles(given.int("pid") ?? 0));
  return tracepoints(given, machine);
}

function tracepoints(given: Given, machine: Machine): Answer {
  const shown = machine
    .tracepoints()
    .filter(({ category, name }) => isChosen(given, `${category}:${name}`))
    .map(({ category, name }) => ({
      category,
      name,
      ...(given.has("variables") ? { fields: [...machine.tracepointDeclarations(category, name)] } : {}),
    }));
  return answer(given, shown, () =>
    shown
      .map(
        ({ category, name, fields = [] }) =>
          `${category}:${name}\n${fields.map((field) => `    ${field};\n`).join("")}`,
      )
      .join(""),
  );
}

function isChosen(given: Given, name: string): boolean {
  const filter = given.text("filter");
  return filter === undefined || globExpression(filter).test(name);
}

/** `*`, `?` and `[…]`, of which none stops at a particular character. */
function globExpression(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
    .replaceAll("[!", "[^");
  return new RegExp(`^${source}$`, "s");
}

/** One line for each probe of each file; with `--variables` its places below it. */
function staticProbes(given: Given, machine: Machine, files: readonly string[]): Answer {
  const probes = new Map<string, UsdtPlace[]>();
  for (const site of files.flatMap((file) => machine.usdtSites(file))) {
    if (!isChosen(given, `${site.provider}:${site.name}`)) continue;
    const key = `${site.path} ${site.provider}:${site.name}`;
    probes.set(key, [...(probes.get(key) ?? []), site]);
  }
  const rows = [...probes.values()].map(([first, ...others]) => ({
    path: first.path,
    provider: first.provider,
    name: first.name,
    ...(given.has("variables") ? { locations: [first, ...others].map(placeRow) } : {}),
  }));
  return answer(given, rows, () =>
    [...probes].map(([line, places]) => (given.has("variables") ? placesText(places) : `${line}\n`)).join(""),
  );
}

function placeRow({ address, argText }: UsdtPlace) {
  return { address: `0x${address.toString(16)}`, arguments: argumentsOf(argText) };
}

function placesText(places: readonly UsdtPlace[]): string {
  const [{ provider, name, semaphoreFileOffset = 0 }] = places;
  const lines = places.flatMap(({ path, address, argText }, index) => [
    `  location #${index + 1} ${path} 0x${address.toString(16)}`,
    ...argumentsOf(argText).map(({ bytes, signed, at }, number) => {
      const sign = signed ? "signed  " : "unsigned";
      return `    argument #${number + 1} ${bytes} ${sign} bytes @ ${at}`;
    }),
  ]);
  return `${[`${provider}:${name} [sema 0x${semaphoreFileOffset.toString(16)}]`, ...lines].join("\n")}\n`;
}

/** `-4@%eax`: a negative size is of a number with a sign. */
function argumentsOf(text: string) {
  return [...text.matchAll(/(?:^| )(-?\d+)f?@(\S+(?: [^\d-]\S*)*)/g)].map(([, size, at]) => ({
    bytes: Math.abs(Number(size)),
    signed: size.startsWith("-"),
    at,
  }));
}
