import { clockColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";
import { readChain } from "./chain.ts";
import { type Failure, injectScript } from "./script.ts";

/** Tasks that are in the chain at a time. */
const TASKS_MAX = 65536;

/** What can fail, the result that tells so (Documentation/fault-injection of Linux), and the kernel's option for it. */
const MODES: Readonly<Record<string, Failure & { readonly option: string }>> = {
  kmalloc: {
    func: "should_failslab",
    signature: "struct kmem_cache *s, gfp_t gfpflags",
    result: -12,
    option: "CONFIG_FAILSLAB",
  },
  bio: { func: "should_fail_bio", signature: "struct bio *bio", result: -5, option: "CONFIG_BLOCK" },
  alloc_page: {
    func: "should_fail_alloc_page",
    signature: "gfp_t gfp_mask, unsigned int order",
    result: 1,
    option: "CONFIG_FAIL_PAGE_ALLOC",
  },
};

/** `beetrace inject` */
export const tool: Tool = {
  name: "inject",
  summary: "makes the kernel's allocations or disk requests fail, where a chain of calls leads to them",
  group: "kernel",
  options: [
    {
      long: "include",
      letter: "I",
      argument: "HEADER",
      kind: "list",
      help: "a header for what the kernel's types lack",
    },
    {
      long: "probability",
      letter: "P",
      argument: "P",
      kind: "number",
      help: "so often of all times that the chain begins, from 0 to 1",
    },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
    { long: "count", letter: "c", argument: "N", kind: "int", help: "so many times, and no more" },
  ],
  positionals: [
    { name: "mode", kind: "text", help: "what fails: kmalloc, bio or alloc_page" },
    {
      name: "spec",
      kind: "text",
      help: "where: [(predicate) =>] function([parameters])[(predicate)] [=> …], innermost first",
    },
  ],
  examples: [
    ["beetrace inject kmalloc 'SyS_mount()'", "all allocations of mount()"],
    ["beetrace inject kmalloc -c 1 'sget_fc() => SyS_mount()'", "one, of a new superblock in it"],
    ["beetrace inject bio '(bio->bi_iter.bi_sector == 128)'", "requests of one sector"],
    ["beetrace inject kmalloc 'd_alloc_parallel()(STRCMP(name->name, bananas))'", "new names of a directory"],
    ["beetrace inject alloc_page -P 0.01 'vfs_read(struct file *f)(f->f_flags != 0)'", "one in a hundred reads"],
  ],
  hooks:
    "kprobe should_failslab, should_fail_bio or should_fail_alloc_page; " +
    "fentry and fexit, else kprobe and kretprobe, of the functions of the chain, tracepoints of its system calls",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const [mode, spec] = [given.text("mode"), given.text("spec")];
  if (mode === undefined || spec === undefined)
    throw new ToolError("inject needs what is to fail, and where", "beetrace inject kmalloc 'SyS_mount()'");
  const failure = MODES[mode];
  if (failure === undefined) throw new ToolError(`'${mode}' cannot be made to fail: kmalloc, bio or alloc_page can`);
  const probability = Number(given.text("probability") ?? 1);
  if (probability <= 0 || probability > 1)
    throw new ToolError(`--probability: ${probability} is not above 0 and up to 1`);
  if (!given.has("ebpf")) requireFailure(failure, machine);
  const count = given.int("count");
  const script = injectScript(failure, readChain(spec, failure, machine), {
    probability,
    ...(count === undefined ? {} : { count }),
  });
  return {
    script,
    changesSystem: true,
    config: { max_map_keys: TASKS_MAX },
    ...(given.has("include") ? { includes: { files: given.list("include"), folders: [process.cwd()] } } : {}),
    intro: `${given.has("verbose") ? `${script}\n` : ""}Calls of ${failure.func}() that fail. Hit Ctrl-C to end.`,
    columns: [
      clockColumn(),
      { title: "COMM", field: "comm", width: -16 },
      { title: "PID", field: "pid", width: -7 },
      { title: "TID", field: "tid", width: -7 },
    ],
  };
}

/** Throws {@link ToolError} where the kernel does not let the function fail, with the option that does. */
function requireFailure({ func, option }: (typeof MODES)[string], machine: Machine): void {
  if (!machine.canOverride)
    throw new ToolError(
      "programs cannot make functions of this kernel fail: it was built without CONFIG_BPF_KPROBE_OVERRIDE",
      "boot a kernel that was built with it, CONFIG_FUNCTION_ERROR_INJECTION, CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC",
    );
  if (!machine.hasKprobe(func))
    throw new ToolError(`this kernel has no function ${func}: it was built without ${option}`);
}
