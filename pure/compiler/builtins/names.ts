/** Numbers of the kernel's interface by name: strings that are there when the probe fires. */
import { ERRNO_TEXTS, SIGNAL_TEXTS } from "@beetrace/std";
import type { Operand } from "../ir/ir.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { copyBytes } from "../lower/memory.ts";
import { isInteger, stringOf, typeName } from "../semantics/types.ts";
import { syscallNames } from "../syscalls.ts";
import type { Arch } from "../target.ts";
import type { Builtin } from "./builtin.ts";
import { zeroBehind } from "./task.ts";
import { expressionAt } from "./use.ts";

/** Size of the strings, which the longest name fits. */
const NAME_BYTES = 64;
const NAME_BITS = 6n;

/** Names by number; empty for one that has none. */
interface Names {
  readonly of: (arch: Arch) => readonly string[];
  readonly unknown: string;
  /** What the kernel returns is looked up without its sign. */
  readonly negated?: boolean;
}

function nameOf(names: Names, arch: Arch, written: bigint): string {
  const number = Number(BigInt.asIntN(32, written));
  return names.of(arch)[names.negated ? Math.abs(number) : number] || names.unknown;
}

/** A table of names with the unknown one last. */
function tableBytes(names: Names, arch: Arch): Uint8Array {
  const all = [...names.of(arch), ""];
  const bytes = new Uint8Array(all.length * NAME_BYTES);
  all.forEach((name, index) => {
    const text = name || names.unknown;
    for (let at = 0; at < text.length; at++) bytes[index * NAME_BYTES + at] = text.charCodeAt(at);
  });
  return bytes;
}

/** The place of a number in the table: that of the unknown name where it has none. */
function indexOf(l: Lowerer, names: Names, written: Operand): Operand {
  const index = l.b.extend(written, 32, true);
  if (names.negated) l.onFailure(index, () => l.b.copy(l.b.neg(index), index));
  const unknown = BigInt(names.of(l.assembly.checker.target.arch).length);
  const beyond = l.b.block();
  const after = l.b.block();
  l.b.branch("gt", index, unknown, beyond, after);
  l.b.enter(beyond);
  l.b.copy(unknown, index);
  l.b.jump(after);
  l.b.enter(after);
  return index;
}

function nameBuiltin(name: string, argument: string, doc: string, names: Names): Builtin {
  const type = stringOf(NAME_BYTES);
  return {
    name,
    form: `${name}(${argument})`,
    doc,
    arity: [1, 1],
    pure: true,
    check(use, c) {
      const info = c.check(use.args[0]);
      if (!isInteger(info.type) && info.type.kind !== "none")
        return c.error(use.span, `${name}() only supports integer arguments (${typeName(info.type)} provided)`);
      if (typeof info.constant !== "bigint") return { type };
      return { type, constant: nameOf(names, c.target.arch, info.constant) };
    },
    lowerInto(use, l, to, wanted) {
      const index = indexOf(l, names, l.scalar(expressionAt(use, 0)!));
      const map = l.assembly.table(`${name}s`, tableBytes(names, l.assembly.checker.target.arch));
      const table = l.b.address({ kind: "map-value", map, offset: 0 });
      copyBytes(l, to, { base: l.b.add(table, l.b.alu("lsh", index, NAME_BITS)), offset: 0, space: "bpf" }, NAME_BYTES);
      zeroBehind(l, to, wanted, NAME_BYTES);
    },
  };
}

/** `strerror(-retval)`, `strerror(retval)`: the sign does not matter. */
export const strerror = nameBuiltin("strerror", "ERRNO", "What an errno means, as C's strerror says it.", {
  of: () => ERRNO_TEXTS,
  unknown: "Unknown error",
  negated: true,
});
/** `signal_name(args.sig)`: "Interrupt" for 2; `N/A` where there is no such signal. */
export const signalName = nameBuiltin("signal_name", "SIGNAL", "What a signal is called, as C's strsignal says it.", {
  of: () => SIGNAL_TEXTS,
  unknown: "N/A",
});
/** `syscall_name(args.id)`: of the machine's own instruction set. */
export const syscallName = nameBuiltin("syscall_name", "NUMBER", "The name of a system call by its number.", {
  of: syscallNames,
  unknown: "Unknown syscall",
});
