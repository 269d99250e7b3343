/** Functions and static probes of programs and libraries: uprobe, uretprobe, usdt. */
import { suggestionsFor } from "@beetrace/std";
import type { Target, UserFunction } from "../../target.ts";
import type { ArgField, ProbeContext } from "../probe-context.ts";
import { intType } from "../types.ts";
import { registerArguments, registerReturn } from "./functions.ts";
import { type ExpandInput, type Expansion, hasWildcard, type Provider, parseNumber, wrongForm } from "./provider.ts";

function uprobeContext(target: Target, returns: boolean): ProbeContext {
  return {
    provider: returns ? "uretprobe" : "uprobe",
    programType: "BPF_PROG_TYPE_KPROBE",
    space: "user",
    registers: true,
    result: 0n,
    filterPid: false,
    // At entry the instruction pointer is the function; after its return bpf_get_func_ip remembers it (Linux 6.6).
    func: returns && target.features.uprobeMulti ? "func_ip" : "ip",
    ...(returns ? { retval: registerReturn(target) } : { positional: registerArguments(target) }),
  };
}

function expandUprobe(input: ExpandInput, provider: Provider, returns: boolean): readonly Expansion[] {
  const { parts } = input;
  if (parts.length === 1 && input.pid !== undefined)
    return expandIn(input, provider, returns, `/proc/${input.pid}/exe`, parts[0]);
  if (parts.length === 3 && parts[1] === "cpp") return expandIn(input, provider, returns, parts[0], parts[2], "cpp");
  if (parts.length !== 2 || parts.some((part) => part === "")) return wrongForm(input, provider);
  return expandIn(input, provider, returns, parts[0], parts[1]);
}

function expandIn(
  input: ExpandInput,
  provider: Provider,
  returns: boolean,
  file: string,
  text: string,
  language?: "cpp",
): readonly Expansion[] {
  const { target } = input;
  const { catalog } = target;
  const context = uprobeContext(target, returns);
  const expansion = (func: UserFunction, offset: number, shown: string): Expansion => ({
    key: provider.name,
    context,
    attachment: {
      kind: "uprobe",
      path: func.path,
      function: func.name,
      fileOffset: func.fileOffset + offset,
      return: returns,
    },
    name: [provider.name, func.path, ...(language ? [language] : []), shown].join(":"),
  });
  const address = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(text) ? parseNumber(text) : undefined;
  if (address !== undefined) {
    const found = catalog.userAddress(file, Number(address));
    if (!found) return wrongForm(input, provider, `${provider.name}: address ${text} is in no code of ${file}`);
    const within = found.name === "" ? 0 : Number(address) - found.address;
    if (!startsInstruction(input, found, within)) return midInstruction(input, provider, found, within);
    return [expansion(found, within, String(address))];
  }
  const plus = language ? -1 : text.lastIndexOf("+");
  const offset = plus < 0 ? 0n : parseNumber(text.slice(plus + 1));
  const name = plus >= 0 && offset !== undefined ? text.slice(0, plus) : text;
  const found = catalog.userFunctions(file, name, language);
  if (found.length === 0 && !hasWildcard(name)) suggestFunction(input, file, name);
  if (offset === undefined || offset === 0n) return found.map((func) => expansion(func, 0, func.name));
  if (returns) return wrongForm(input, provider, "uretprobe: a function returns; there is no offset in that");
  return found.flatMap((func) => {
    if (func.sizeBytes > 0 && Number(offset) >= func.sizeBytes) {
      return wrongForm(
        input,
        provider,
        `offset 0x${offset.toString(16)} is beyond ${func.name}, which has ${func.sizeBytes} bytes`,
      );
    }
    if (!startsInstruction(input, func, Number(offset))) return midInstruction(input, provider, func, Number(offset));
    return [expansion(func, Number(offset), `${func.name}+${offset}`)];
  });
}

function startsInstruction({ target, unsafe }: ExpandInput, func: UserFunction, offset: number): boolean {
  return unsafe || offset === 0 || target.catalog.startsInstruction(func, offset);
}

function midInstruction(
  input: ExpandInput,
  provider: Provider,
  func: UserFunction,
  offset: number,
): readonly Expansion[] {
  input.diagnostics.error(
    input.span,
    `${provider.name}: no instruction starts at ${func.name}+${offset}: a probe there would crash the program`,
    `objdump -d ${func.path} shows where they start; --unsafe probes there all the same`,
  );
  return [];
}

function suggestFunction(input: ExpandInput, file: string, name: string): void {
  const near = suggestionsFor(
    name,
    input.target.catalog.userFunctions(file, "*").map((func) => func.name),
  );
  if (near.length > 0)
    input.diagnostics.warning(input.span, `${file} has no function ${name}`, `did you mean ${near.join(" or ")}?`);
}

export const uprobe: Provider = {
  name: "uprobe",
  aliases: ["u"],
  form: "uprobe:FILE:FUNCTION[+OFFSET]",
  doc: "A function of a program or library is called.",
  lastFiresFirst: true,
  expand: (input) => expandUprobe(input, uprobe, false),
};

export const uretprobe: Provider = {
  name: "uretprobe",
  aliases: ["ur"],
  form: "uretprobe:FILE:FUNCTION",
  doc: "A function of a program or library returns.",
  lastFiresFirst: true,
  expand: (input) => expandUprobe(input, uretprobe, true),
};

export const usdt: Provider = {
  name: "usdt",
  aliases: ["U"],
  form: "usdt:FILE:[PROVIDER:]NAME",
  doc: "A static probe that its author put into a program or library (sys/sdt.h).",
  lastFiresFirst: true,
  expand(input) {
    const { parts, pid, target } = input;
    if (parts.length < 1 || parts.length > 3) return wrongForm(input, usdt);
    let [file, provider, name] = parts;
    if (parts.length === 2) [file, provider, name] = [parts[0], "*", parts[1]];
    if (parts.length === 1) [file, provider, name] = ["", "*", parts[0]];
    if (file === "" && pid === undefined) return wrongForm(input, usdt);
    if (file === "") file = `/proc/${pid}/exe`;
    const sites = target.catalog.usdtSites(file, provider || "*", name);
    const providers = new Set(sites.map((site) => site.provider));
    if (parts.length === 2 && providers.size > 1 && !hasWildcard(name)) {
      return wrongForm(input, usdt, `usdt: ${name} is ambiguous: ${[...providers].join(", ")} have it`);
    }
    return sites.map(
      (site): Expansion => ({
        key: `usdt ${site.argText}`,
        context: {
          provider: "usdt",
          programType: "BPF_PROG_TYPE_KPROBE",
          space: "user",
          registers: true,
          result: 0n,
          filterPid: false,
          positional: site.args.map(
            (arg, index): ArgField => ({
              name: `arg${index}`,
              type: intType(64, arg.signed),
              load: { kind: "usdt", arg },
            }),
          ),
        },
        attachment: {
          kind: "uprobe",
          path: site.path,
          function: `${site.provider}:${site.name}`,
          fileOffset: site.fileOffset,
          return: false,
          ...(site.semaphoreFileOffset === undefined ? {} : { refCounterOffset: site.semaphoreFileOffset }),
        },
        name: `usdt:${site.path}:${site.provider}:${site.name}`,
      }),
    );
  },
};
