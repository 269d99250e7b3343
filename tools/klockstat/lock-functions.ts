/** The functions that take and release the kernel's sleeping locks, and the probes on those that a machine has. */
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Machine, ToolError } from "../tool.ts";

/** Functions of a kind of lock (kernel/locking/mutex.c, kernel/locking/rwsem.c). */
interface LockKind {
  /** What the lock is called among the arguments. */
  readonly argument: string;
  /** Which results say that it was got. */
  readonly takes: readonly (readonly [result: "any" | "zero" | "one", functions: readonly string[]])[];
  readonly releases: readonly string[];
}

const KINDS: readonly LockKind[] = [
  {
    argument: "lock",
    takes: [
      ["any", ["mutex_lock", "mutex_lock_nested", "mutex_lock_io", "mutex_lock_io_nested"]],
      [
        "zero",
        [
          "mutex_lock_interruptible",
          "mutex_lock_interruptible_nested",
          "mutex_lock_killable",
          "mutex_lock_killable_nested",
        ],
      ],
      ["one", ["mutex_trylock"]],
    ],
    releases: ["mutex_unlock"],
  },
  {
    argument: "sem",
    takes: [
      ["any", ["down_read", "down_read_nested", "down_write", "down_write_nested"]],
      ["zero", ["down_read_interruptible", "down_read_killable", "down_write_killable", "down_write_killable_nested"]],
      ["one", ["down_read_trylock", "down_write_trylock"]],
    ],
    releases: ["up_read", "up_write"],
  },
];

/** Frames on top of a stack that are the locks' own. */
export const LOCK_FRAME = /^_*(mutex|ww_mutex|rt_mutex|rtlock|rwsem|rwbase|down|percpu_down|percpu_rwsem)_/;

const GOT = { any: "true", zero: "(int32)retval == 0", one: "(int32)retval == 1" } as const;

/** How locks are watched. */
export interface LockProbes {
  readonly script: string;
  /** Only locks that were not free are seen, and not how long they are held. */
  readonly onlyContended: boolean;
}

/** The best that a machine has. Throws {@link ToolError}. */
export function lockProbes(machine: Machine): LockProbes {
  if (machine.hasFentry("mutex_lock") || machine.hasFentry("mutex_lock_nested"))
    return ofFunctions((name) => machine.hasFentry(name), "fentry", "fexit");
  if (machine.hasKprobe("mutex_lock") || machine.hasKprobe("mutex_lock_nested"))
    return ofFunctions((name) => machine.hasKprobe(name), "kprobe", "kretprobe");
  if (machine.hasTracepoint("lock", "contention_begin"))
    return { script: TOOL_SCRIPTS["klockstat/contended.bt"], onlyContended: true };
  throw new ToolError(
    "this kernel has no kprobes, no fentry and no tracepoint lock:contention_begin",
    "Linux 5.19 has the tracepoint",
  );
}

function ofFunctions(has: (name: string) => boolean, enter: "fentry" | "kprobe", exit: string): LockProbes {
  const probes = KINDS.flatMap(({ argument, takes, releases }) => {
    const lock = enter === "kprobe" ? "arg0" : `args.${argument}`;
    const at = (type: string, functions: readonly string[], action: string) => {
      const there = functions.filter(has).map((name) => `${type}:${name}`);
      return there.length === 0 ? [] : [`${there.join(",\n")}\n{\n  ${action};\n}\n`];
    };
    const asks = takes.flatMap(([, functions]) => functions);
    return [
      ...at(enter, asks, `asks(@asked, ${lock})`),
      ...takes.flatMap(([result, functions]) =>
        at(exit, functions, `gets(@asked, @held, @waits, @longest_waits, ${GOT[result]})`),
      ),
      ...at(enter, releases, `releases(@held, @holds, @longest_holds, ${lock})`),
    ];
  });
  return { script: `${TOOL_SCRIPTS["klockstat/locks.bt"]}\n${probes.join("\n")}`, onlyContended: false };
}
