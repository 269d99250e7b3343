/** Addresses and stacks. */
import type { StackMode } from "@beetrace/output";
import { invariant } from "@beetrace/std";
import type { Lowerer } from "../lower/lowerer.ts";
import { scalar } from "../lower/place.ts";
import { takeStack } from "../lower/stacks.ts";
import { type IntType, intType, isInteger, pointerTo, type StackType, typeName, UINT64 } from "../semantics/types.ts";
import { STACK_FRAMES_MAX } from "../stack-maps.ts";
import type { StackPlace } from "../target.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { functionAddress } from "./context.ts";
import { currentPid } from "./task.ts";
import { expressionAt } from "./use.ts";

const MODES: readonly StackMode[] = ["bpftrace", "perf", "raw", "build_id"];
// include/uapi/linux/bpf.h, flags of bpf_get_stack.
const BPF_F_USER_STACK = 1n << 8n;
const BPF_F_USER_BUILD_ID = 1n << 11n;

function addressOnly(use: Use, c: Checking): boolean {
  const address = expressionAt(use, 0);
  const type = address && c.check(address).type;
  if (type && (isInteger(type) || type.kind === "pointer" || type.kind === "none" || type.kind === "ksym")) return true;
  c.error(use.span, `${use.name}() expects an integer or pointer argument${type ? `, got ${typeName(type)}` : ""}`);
  return false;
}

export const ksym: Builtin = {
  name: "ksym",
  form: "ksym(ADDRESS)",
  doc: "The kernel symbol at an address; it is looked up when it is printed.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    addressOnly(use, c);
    return { type: { kind: "ksym" } };
  },
  lower: (use, l) => scalar(l.scalar(expressionAt(use, 0)!)),
};

export const usym: Builtin = {
  name: "usym",
  form: "usym(ADDRESS)",
  doc: "The symbol of the current process at an address; it is looked up when it is printed.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    addressOnly(use, c);
    return { type: { kind: "usym" } };
  },
  lowerInto(use, l, to) {
    l.b.store(to.base, to.offset, 8, l.scalar(expressionAt(use, 0)!));
    l.b.store(to.base, to.offset + 8, 8, currentPid(l));
  },
};

export const kaddr: Builtin = {
  name: "kaddr",
  form: 'kaddr("SYMBOL")',
  doc: "The address of a kernel symbol.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const name = c.constantString(use, 0);
    if (name === undefined) return { type: UINT64 };
    const address = c.target.catalog.kernelAddress(name);
    if (address === undefined) return c.error(use.span, `Failed to resolve kernel symbol: ${name}`);
    return { type: UINT64, constant: address };
  },
};

export const uaddr: Builtin = {
  name: "uaddr",
  form: 'uaddr("SYMBOL")',
  doc: "The address of a symbol of the probed program, as a pointer to an integer of the symbol's size. In programs that can be loaded anywhere it is counted from the probe.",
  arity: [1, 1],
  needsContext: true,
  pure: true,
  providers: ["uprobe", "uretprobe", "usdt"],
  check(use, c) {
    const name = c.constantString(use, 0);
    const place = c.context.place;
    if (name === undefined || !place) return { type: UINT64 };
    const symbol = c.target.catalog.userSymbol(place.path, name);
    if (!symbol) return c.error(use.span, `Could not resolve symbol: ${place.path}:${name}`);
    if (symbol.positionIndependent && c.context.func === undefined)
      return c.error(
        use.span,
        "uaddr: where a position-independent program is, is not known at a return before Linux 6.6",
      );
    const bits = symbol.sizeBytes === 1 || symbol.sizeBytes === 2 || symbol.sizeBytes === 4 ? symbol.sizeBytes * 8 : 64;
    return { type: pointerTo(intType(bits as IntType["bits"], true), "user") };
  },
  lower(use, l) {
    const [name] = use.args;
    const place = l.unit.context.place;
    invariant(place && name.kind !== "type-name", "uaddr was checked");
    const symbol = l.assembly.checker.target.catalog.userSymbol(place.path, String(l.info(name).constant));
    invariant(symbol, "uaddr was checked");
    const { address, positionIndependent } = symbol;
    if (!positionIndependent) return scalar(BigInt(address));
    return scalar(l.b.add(functionAddress(l), BigInt(address - place.address)));
  },
};

/** The program itself and the trampoline that calls it. */
const TRAMPOLINE_FRAMES = 2;

/** How many frames on top of a kernel stack are the tracer's own: the helper leaves them out. */
function ownFrames(l: Lowerer): bigint {
  const { expectedAttachType, attachTo, callerFrames = 0 } = l.unit.context;
  const { features } = l.assembly.checker.target;
  switch (expectedAttachType) {
    case "BPF_TRACE_RAW_TP":
      return BigInt((features.callerFrames(rawPlace(attachTo)) ?? 0) + l.state.frames - 1);
    case "BPF_TRACE_FENTRY":
    case "BPF_TRACE_FEXIT":
    case "BPF_MODIFY_RETURN":
      return BigInt(TRAMPOLINE_FRAMES);
    default:
      return BigInt(callerFrames);
  }
}

function rawPlace(event: string | undefined): StackPlace {
  return event === "sys_enter" || event === "sys_exit" ? `raw ${event}` : "raw other";
}

/** What the arguments of a stack function say; the limit is in frames. */
export function stackArguments(use: Use, c: Checking): Pick<StackType, "mode" | "limit"> {
  let mode: StackMode = c.config.stack_mode;
  let limit = c.config.max_stack_depth;
  use.args.forEach((argument, index) => {
    if (argument.kind === "identifier" && MODES.includes(argument.name as StackMode)) {
      mode = argument.name as StackMode;
      return;
    }
    const value = c.constantInt(use, index);
    if (value === undefined) return;
    limit = Number(value);
    if (limit < 1 || limit > STACK_FRAMES_MAX)
      c.error(argument.span, `${use.name}([limit]): limit shouldn't exceed ${STACK_FRAMES_MAX}, ${value} given`);
  });
  return { mode, limit };
}

function stackBuiltin(name: "kstack" | "ustack", doc: string): Builtin {
  return {
    name,
    form: `${name}[([MODE][, LIMIT])]`,
    doc,
    arity: [0, 2],
    needsContext: true,
    pure: true,
    check(use, c) {
      let { mode, limit } = stackArguments(use, c);
      if (mode === "build_id" && name === "kstack") {
        if (use.args.length > 0) c.error(use.span, "'build_id' stack mode can only be used for ustack");
        else c.warning(use.span, "'build_id' stack mode can only be used for ustack. Falling back to 'raw' mode.");
        mode = "raw";
      }
      const type: StackType = { kind: name, mode, limit };
      return { type };
    },
    lowerInto(use, l, to) {
      const type = l.type(use.node) as StackType;
      const buildIds = type.mode === "build_id" ? BPF_F_USER_BUILD_ID : 0n;
      const id = takeStack(l, type, name === "ustack" ? BPF_F_USER_STACK | buildIds : ownFrames(l));
      l.onFailure(id, () => l.count({ kind: "stack", helper: name, at: use.span }, id));
      l.b.store(to.base, to.offset, 8, id);
      if (name === "ustack") l.b.store(to.base, to.offset + 8, 8, currentPid(l));
    },
  };
}

/** `kstack`, `kstack(perf, 5)`: the id of a stack in the map of its frame limit. */
export const kstack = stackBuiltin("kstack", "The kernel's call stack.");
/** `ustack`, `ustack(perf, 5)`: the id of a stack, with the pid by whose mappings it is symbolised. */
export const ustack = stackBuiltin("ustack", "The call stack of the process.");

export const cgroupid: Builtin = {
  name: "cgroupid",
  form: 'cgroupid("PATH")',
  doc: "The id of the cgroup (v2) at a path.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const path = c.constantString(use, 0);
    if (path === undefined) return { type: UINT64 };
    const id = c.target.catalog.cgroupId(path);
    return id === undefined
      ? c.error(use.span, `Failed to get cgroup id of ${path}`, "is it the path of a directory of a cgroup v2 mount?")
      : { type: UINT64, constant: id };
  },
};

export const cgroupPath: Builtin = {
  name: "cgroup_path",
  form: 'cgroup_path(ID[, "PATTERN"])',
  doc: "The paths of a cgroup; they are looked up when they are printed.",
  arity: [1, 2],
  pure: true,
  check(use, c) {
    const id = expressionAt(use, 0);
    if (id) c.check(id);
    const pattern = use.args.length > 1 ? c.constantString(use, 1) : "";
    return { type: { kind: "cgroup-path", pattern: pattern ?? "" } };
  },
  lower: (use, l) => scalar(l.scalar(expressionAt(use, 0)!)),
};
