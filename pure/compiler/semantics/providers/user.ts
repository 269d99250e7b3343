/** Functions and static probes of programs and libraries: uprobe, uretprobe, usdt. */
import type { Target, UsdtSite, UserFunction } from "../../target.ts";
import type { ArgField, ProbeContext } from "../probe-context.ts";
import { intType } from "../types.ts";
import { registerArguments, registerReturn } from "./functions.ts";
import { type ExpandInput, type Expansion, hasWildcard, type Provider, parseNumber, wrongForm } from "./provider.ts";
import {
  type Placed,
  placesOfLine,
  type SourcePoint,
  sourcePoint,
  typesInFile,
  withArguments,
} from "./user-debug-info.ts";

function uprobeContext(target: Target, returns: boolean): ProbeContext {
  return {
    provider: returns ? "uretprobe" : "uprobe",
    programType: "BPF_PROG_TYPE_KPROBE",
    space: "user",
    registers: true,
    result: 0n,
    filterPid: false,
    // At entry the instruction pointer is the function; after its return bpf_get_func_ip remembers it (Linux 6.6).
    ...(returns ? (target.features.uprobeMulti ? { func: "func_ip" } : {}) : { func: "ip" }),
    ...(returns ? { retval: registerReturn(target) } : { positional: registerArguments(target) }),
  };
}

const HINT_UNSAFE =
  "Use --unsafe to force attachment. WARNING: This option could lead to data corruption in the target process.";

/** What `uprobe:FILE:[cpp:]TEXT` says. */
interface UserPoint {
  readonly provider: Provider;
  readonly returns: boolean;
  readonly file: string;
  readonly text: string;
  readonly language?: "cpp";
}

function expandUprobe(input: ExpandInput, provider: Provider, returns: boolean): readonly Expansion[] {
  const { parts, pid } = input;
  const source = sourcePoint(parts);
  if (source)
    return returns ? wrongForm(input, provider, "Source code location not allowed") : expandLine(input, source);
  const ofProcess = pid !== undefined && (parts.length === 1 || (parts.length === 2 && parts[0] === "cpp"));
  const [file, ...rest] = ofProcess ? ["", ...parts] : parts;
  const isCpp = rest.length === 2 && rest[0] === "cpp";
  if ((rest.length !== 1 && !isCpp) || parts.some((part) => part === "")) return wrongForm(input, provider);
  const point = { provider, returns, file, text: rest[rest.length - 1] };
  return isCpp ? expandFunctions(input, { ...point, language: "cpp" }) : expandText(input, point);
}

/** As in a shell, of several programs of a name the first on $PATH is meant. */
function chosenFile({ target, diagnostics, span }: ExpandInput, { name }: Provider, file: string): string {
  if (hasWildcard(file)) return file;
  const found = target.catalog.userFiles(file);
  if (found.length < 2) return file;
  diagnostics.warning(span, `attaching to ${name} target file '${found[0]}' but matched ${found.length} binaries`);
  return found[0];
}

function expandText(input: ExpandInput, point: UserPoint): readonly Expansion[] {
  const { text } = point;
  const address = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(text) ? parseNumber(text) : undefined;
  if (address !== undefined) return expandAddress(input, point, Number(address));
  const plus = text.lastIndexOf("+");
  const offset = plus < 0 ? undefined : parseNumber(text.slice(plus + 1));
  if (offset === undefined) return expandFunctions(input, point);
  if (offset > 0n && point.returns) return noOffset(input, point.provider);
  return expandFunctions(input, { ...point, text: text.slice(0, plus) }, Number(offset));
}

function noOffset(input: ExpandInput, provider: Provider): readonly Expansion[] {
  return wrongForm(input, provider, `${provider.name}: a function returns; there is no offset in that`);
}

function expandAddress(input: ExpandInput, point: UserPoint, address: number): readonly Expansion[] {
  const { provider, file, returns } = point;
  const found = input.target.catalog.userAddress(file, address, input.unsafe);
  if (!found || (found.name === "" && !input.unsafe)) {
    input.diagnostics.error(undefined, `Could not resolve address: ${file}:0x${address.toString(16)}`);
    return [];
  }
  if (found.name === "") {
    const stripped = `no symbol tells where instructions of ${found.path} start: a probe within one crashes the program`;
    input.diagnostics.warning(input.span, stripped);
  }
  const within = found.name === "" ? 0 : address - found.address;
  if (within > 0 && returns) return noOffset(input, provider);
  if (!startsInstruction(input, found, within)) return midInstruction(input, provider, found, within);
  const functions = withoutGo(input, point, [found]);
  return typed(
    input,
    point,
    functions.map((func) => placedAt(input, point, func, within, String(address))),
  );
}

function expandFunctions(input: ExpandInput, point: UserPoint, offset = 0): readonly Expansion[] {
  const { provider, text, language } = point;
  const file = chosenFile(input, provider, point.file);
  const found = input.target.catalog.userFunctions(file, text, language);
  const placed = withoutGo(input, point, found).flatMap((func): readonly Placed[] => {
    // A wildcard is no word of the user's for this very function.
    if (func.sizeBytes === 0 && offset === 0 && !hasWildcard(text) && !input.unsafe) {
      input.diagnostics.error(
        undefined,
        `Could not determine boundary for ${func.name} (symbol has size 0).\n${HINT_UNSAFE}`,
      );
      return [];
    }
    if (offset > 0 && offset >= func.sizeBytes) {
      return refused(input, `Offset outside the function bounds ('${func.name}' size is ${func.sizeBytes})`);
    }
    if (!startsInstruction(input, func, offset)) return midInstruction(input, provider, func, offset);
    return [placedAt(input, point, func, offset, offset === 0 ? func.name : `${func.name}+${offset}`)];
  });
  return typed(input, point, placed);
}

/** With parameters, which are where the calling convention has them only before the function runs. */
function typed(input: ExpandInput, { returns }: UserPoint, placed: readonly Placed[]): readonly Expansion[] {
  return returns ? placed.map(({ expansion }) => expansion) : withArguments(input, placed);
}

function placedAt(
  input: ExpandInput,
  { provider, returns, language }: UserPoint,
  func: UserFunction,
  offset: number,
  shown: string,
): Placed {
  const { usesUaddr } = input;
  const context = uprobeContext(input.target, returns);
  // After a return the instruction pointer is elsewhere, but the address of the function is remembered.
  const place = { path: func.path, address: func.address + (returns ? 0 : offset) };
  const expansion = {
    key: usesUaddr ? `${provider.name} ${place.path} ${place.address}` : provider.name,
    context: usesUaddr ? { ...context, place } : context,
    attachment: {
      kind: "uprobe" as const,
      path: func.archive ?? func.path,
      function: func.name,
      fileOffset: func.fileOffset + offset,
      return: returns,
    },
    types: typesInFile(input, func.path),
    name: [provider.name, func.path, ...(language ? [language] : []), shown].join(":"),
  };
  return { func, expansion };
}

/**
 * At the return of a function the kernel puts its own address on the stack. Go copies its stacks when they grow, finds
 * an address that it does not know, and ends the program.
 */
function withoutGo(
  input: ExpandInput,
  { provider, returns, file }: UserPoint,
  found: readonly UserFunction[],
): readonly UserFunction[] {
  if (!returns || input.unsafe) return found;
  const goFiles = [...new Set(found.map(({ path }) => path))].filter((path) => input.target.catalog.isGo(path));
  for (const path of goFiles) {
    const message = `${provider.name}: ${path} is a Go program: a probe at a return would crash it`;
    if (hasWildcard(file)) input.diagnostics.warning(input.span, `${message}. Skipping.`);
    else
      input.diagnostics.error(
        input.span,
        message,
        "probe the call (uprobe), or a RET instruction of the function by its offset",
        HINT_UNSAFE,
      );
  }
  return found.filter(({ path }) => !goFiles.includes(path));
}

/** `FILE@SOURCE:LINE[:COLUMN]` */
function expandLine(input: ExpandInput, source: SourcePoint): readonly Expansion[] {
  if (source.file === "" && input.pid === undefined) return wrongForm(input, uprobe);
  const line = `${source.source}:${source.line}${source.column > 0 ? `:${source.column}` : ""}`;
  const placed = placesOfLine(input, source).flatMap(({ path, address }): readonly Placed[] => {
    const func = input.target.catalog.userAddress(path, address);
    if (!func) return [];
    const point = { provider: uprobe, returns: false, file: path, text: line };
    const { expansion } = placedAt(input, point, func, address - func.address, line);
    const name = `${uprobe.name}:${path}@${line}`;
    return [{ func, expansion: { ...expansion, name }, isInside: address !== func.address }];
  });
  return withArguments(input, placed);
}

function startsInstruction({ target, unsafe }: ExpandInput, func: UserFunction, offset: number): boolean {
  return unsafe || offset === 0 || target.catalog.startsInstruction(func, offset);
}

function midInstruction(input: ExpandInput, provider: Provider, func: UserFunction, offset: number): readonly never[] {
  return refused(
    input,
    `${provider.name}: no instruction starts at ${func.name}+${offset}: a probe there would crash the program`,
    `objdump -d ${func.path} shows where they start; --unsafe probes there all the same`,
  );
}

function refused({ diagnostics, span }: ExpandInput, message: string, ...hints: string[]): readonly never[] {
  diagnostics.error(span, message, ...hints);
  return [];
}

export const uprobe: Provider = {
  name: "uprobe",
  aliases: ["u"],
  form: "uprobe:FILE:FUNCTION[+OFFSET] or uprobe:FILE@SOURCE:LINE[:COLUMN]",
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
    const sites = target.catalog.usdtSites(chosenFile(input, usdt, file), provider || "*", name);
    const providers = new Set(sites.map((site) => site.provider));
    if (parts.length === 2 && providers.size > 1 && !hasWildcard(name)) {
      return wrongForm(input, usdt, `usdt: ${name} is ambiguous: ${[...providers].join(", ")} have it`);
    }
    return sites.map((site) => siteExpansion(input, site));
  },
};

function siteExpansion({ usesUaddr }: ExpandInput, site: UsdtSite): Expansion {
  const positional = site.args.map(
    (arg, index): ArgField => ({
      name: `arg${index}`,
      type: intType(64, arg.signed),
      load: { kind: "usdt", arg },
    }),
  );
  return {
    key: usesUaddr ? `usdt ${site.path} ${site.address}` : `usdt ${site.argText}`,
    context: {
      provider: "usdt",
      programType: "BPF_PROG_TYPE_KPROBE",
      space: "user",
      registers: true,
      result: 0n,
      filterPid: false,
      func: "ip",
      positional,
      ...(usesUaddr ? { place: { path: site.path, address: site.address } } : {}),
    },
    attachment: {
      kind: "uprobe",
      path: site.archive ?? site.path,
      function: `${site.provider}:${site.name}`,
      fileOffset: site.fileOffset,
      return: false,
      ...(site.semaphoreFileOffset === undefined ? {} : { refCounterOffset: site.semaphoreFileOffset }),
    },
    name: `usdt:${site.path}:${site.provider}:${site.name}`,
  };
}
