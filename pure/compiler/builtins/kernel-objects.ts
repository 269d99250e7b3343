/** What needs the kernel's own objects: structs around members, paths of files, sockets, variables of a CPU. */
import type { Expression, TypeName } from "../ast.ts";
import type { Operand } from "../ir/ir.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { addressArgument, addressOf, probeRead, zero } from "../lower/memory.ts";
import { type Place, scalar } from "../lower/place.ts";
import { offsetOfPath } from "../semantics/field-path.ts";
import { isInteger, NONE, pointerTo, stringOf, type Type, typeName, UINT64 } from "../semantics/types.ts";
import type { Builtin, Checking } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** `list` or `sched.info`: a member, through the structs that it is in. */
function memberPath(e: Expression | TypeName | undefined): string[] | undefined {
  if (e?.kind === "identifier") return [e.name];
  if (e?.kind !== "field") return undefined;
  const outer = memberPath(e.object);
  return outer && [...outer, e.field];
}

/** The struct that is named: a type, or a word that could have been a variable. */
function structArgument(argument: Expression | TypeName, c: Checking): Type | undefined {
  if (argument.kind !== "identifier") return c.check(argument).type;
  const { name, span } = argument;
  return c.resolveType({ kind: "type-name", base: { kind: "named", name }, pointers: 0, dimensions: [], span });
}

export const containerOf: Builtin = {
  name: "container_of",
  form: "container_of(POINTER, TYPE, MEMBER)",
  doc: "The struct of this type whose member the pointer points to, as the kernel's macro of that name gives it.",
  arity: [3, 3],
  pure: true,
  typeArguments: [1],
  check(use, c) {
    const pointer = c.check(use.args[0]).type;
    const struct = structArgument(use.args[1], c);
    const path = memberPath(use.args[2]);
    if (pointer.kind === "none" || !struct || struct.kind === "none") return { type: NONE };
    if (pointer.kind !== "pointer" && !isInteger(pointer))
      return c.error(use.args[0].span, `container_of() expects a pointer (${typeName(pointer)} provided)`);
    if (!path) return c.error(use.args[2].span, "container_of() expects the name of a member");
    const found = offsetOfPath(struct, path);
    if ("problem" in found) return c.error(use.args[2].span, `container_of: ${found.problem}`);
    // The verifier knows where a trusted pointer points to, and not what is before it.
    const space = pointer.kind === "pointer" ? pointer.space : c.context.space;
    return { type: pointerTo(struct, space === "trusted" ? "kernel" : space) };
  },
  lower(use, l) {
    const type = l.type(use.node);
    const struct = type.kind === "pointer" ? type.to : NONE;
    const found = offsetOfPath(struct, memberPath(use.args[2]) ?? []);
    const offset = "problem" in found ? 0 : found.offsetBytes;
    return scalar(l.b.alu("sub", l.scalar(expressionAt(use, 0)!), BigInt(offset)));
  },
};

function isPath(type: Type): boolean {
  const to = type.kind === "pointer" ? type.to : type;
  return to.kind === "struct" && to.name === "path";
}

/** Before Linux 6.3 the verifier wants what is on the stack written before a helper gets it. */
function zeroStart(l: Lowerer, buffer: Place, sizeBytes: number): void {
  if (typeof buffer.base === "number") l.b.store(buffer.base, buffer.offset, 1, 0n);
  else zero(l, buffer, sizeBytes);
}

export const path: Builtin = {
  name: "path",
  form: "path(PATH[, SIZE])",
  doc: "The full name of a file by its struct path, for kernel functions that may ask for it. Requires Linux 5.10 (bpf_d_path).",
  arity: [1, 2],
  pure: true,
  providers: ["fentry", "fexit", "fmod_ret", "iter"],
  check(use, c) {
    const { type } = c.check(use.args[0]);
    if (type.kind === "none") return { type: stringOf(c.config.max_strlen) };
    if (!isPath(type))
      return c.error(
        use.args[0].span,
        `path() only supports a struct path or a pointer to one (${typeName(type)} provided)`,
      );
    const most = BigInt(c.config.max_strlen);
    const size = use.args.length > 1 ? c.constantInt(use, 1) : most;
    if (size !== undefined && (size < 1n || size > most))
      return c.error(use.args[1].span, `path(): the size must be 1 to ${most} (see BPFTRACE_MAX_STRLEN)`);
    return { type: stringOf(Number(size ?? most)) };
  },
  lowerInto(use, l, to, type) {
    const source = expressionAt(use, 0)!;
    const own = l.type(use.node);
    const size = BigInt(own.kind === "string" ? own.size : 0);
    const value = l.value(source);
    const pointer = value.kind === "place" ? addressOf(l, value.place) : l.scalar(source);
    // The helper makes the name from the end of the buffer and leaves there what it moved: only the name is copied.
    // Of a name that is longer the buffer holds the end.
    const buffer = l.temp(Number(size));
    zeroStart(l, buffer, Number(size));
    l.pointAt(use.span);
    l.b.call("d_path", pointer, addressArgument(l, buffer), size);
    if (type.kind === "string" && l.zeroFilled(to)) zero(l, to, type.size);
    probeRead(l, "kernel", to, size, addressOf(l, buffer), true);
  },
};

export const socketCookie: Builtin = {
  name: "socket_cookie",
  form: "socket_cookie(SOCK)",
  doc: "A number for a socket (struct sock) that stays with it; 0 for no socket. Requires Linux 5.12.",
  arity: [1, 1],
  pure: true,
  providers: ["fentry", "fexit", "fmod_ret", "rawtracepoint"],
  check(use, c) {
    const { type } = c.check(use.args[0]);
    if (type.kind === "none") return { type: UINT64 };
    if (type.kind !== "pointer" || type.to.kind !== "struct" || !type.to.name.includes("sock"))
      return c.error(use.span, `socket_cookie() only supports 'struct sock *' (${typeName(type)} provided)`);
    return { type: UINT64 };
  },
  lower: (use, l) => scalar(l.b.call("get_socket_cookie", l.scalar(expressionAt(use, 0)!))),
};

/** The kernel's table of how far each CPU's variables lie from the addresses of their symbols. */
const PER_CPU_OFFSETS = "__per_cpu_offset";

export const percpuKaddr: Builtin = {
  name: "percpu_kaddr",
  form: 'percpu_kaddr("SYMBOL"[, CPU])',
  doc: "The address of a per-CPU variable of the kernel, for this CPU or another; 0 for a CPU that there is not.",
  arity: [1, 2],
  pure: true,
  check(use, c) {
    const name = c.constantString(use, 0);
    const cpu = use.args.length > 1 ? c.check(use.args[1]).type : UINT64;
    if (!isInteger(cpu) && cpu.kind !== "none")
      return c.error(use.args[1].span, `percpu_kaddr() only supports integers as the CPU (${typeName(cpu)} provided)`);
    for (const symbol of [name, PER_CPU_OFFSETS])
      if (symbol !== undefined && c.target.catalog.kernelAddress(symbol) === undefined)
        return c.error(use.span, `Failed to resolve kernel symbol: ${symbol}`);
    return { type: pointerTo(UINT64, "kernel") };
  },
  lower(use, l) {
    const { catalog, possibleCpus } = l.assembly.checker.target;
    const symbol = catalog.kernelAddress(String(l.info(expressionAt(use, 0)!).constant)) ?? 0n;
    const offsets = catalog.kernelAddress(PER_CPU_OFFSETS) ?? 0n;
    const written = expressionAt(use, 1);
    const cpu: Operand = written ? l.scalar(written) : l.b.call("get_smp_processor_id");
    const address = l.b.copy(0n);
    const [there, after] = [l.b.block(), l.b.block()];
    l.b.branch("lt", cpu, BigInt(possibleCpus), there, after);
    l.b.enter(there);
    const offset = l.temp(8);
    probeRead(l, "kernel", offset, 8n, l.b.add(l.b.alu("lsh", cpu, 3n), BigInt.asIntN(64, offsets)));
    const base = l.b.load(offset.base, offset.offset, 8);
    l.b.copy(l.b.add(base, BigInt.asIntN(64, symbol)), address);
    l.b.jump(after);
    l.b.enter(after);
    return scalar(address);
  },
};
