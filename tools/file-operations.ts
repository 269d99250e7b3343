/** Probes at the beginning and the end of operations on files: functions of a file system, or system calls. */
import { checkKnown, type FileSystem, OPERATIONS, type Operation } from "./file-systems.ts";
import { TOOL_SCRIPTS } from "./scripts.ts";
import type { Machine, Plan } from "./tool.ts";

/**
 * A script that calls `begins()` of file-operations.bt and `ends()`, a macro of the tool: it takes these maps, the number
 * of the operation (its place in {@link OPERATIONS}) and the result.
 */
export function operationScript(
  tool: string,
  maps: string,
  fileSystem: FileSystem,
  operations: readonly Operation[],
  machine: Machine,
): Pick<Plan, "script" | "params" | "notice"> {
  checkKnown(fileSystem);
  const ends = TOOL_SCRIPTS[tool];
  const probes = functionProbes(fileSystem, operations, machine);
  if (probes.length > 0) {
    const text = probes.map((each) => probeText(each, maps)).join("");
    return { script: `import "file-operations.bt";\n\n${ends}${text}` };
  }
  const calls = TOOL_SCRIPTS["file-calls.bt"].replaceAll("@MAPS", maps);
  return {
    script: `import "file-operations.bt";\nimport "open-files.bt";\n\n${ends}\n${calls}`,
    params: { magic: fileSystem.magic },
    notice: `Neither fentry nor kprobes here: timing system calls on files of ${fileSystem.title}, see the tool's README.`,
  };
}

interface FunctionProbe {
  readonly name: string;
  readonly operation: Operation;
  readonly entry: "fentry" | "kprobe";
  /** Of its parameters, the one that says which file it is. */
  readonly parameter: string;
}

/** What functions have in which parameter; `path` has had a name space or an idmap in front of it since Linux 5.12. */
const PARAMETERS: Readonly<Record<Operation, readonly [index: number, type: string, macro: string]>> = {
  read: [0, "struct kiocb", "begins_io"],
  write: [0, "struct kiocb", "begins_io"],
  open: [1, "struct file", "begins_file"],
  fsync: [0, "struct file", "begins_file"],
  getattr: [1, "struct path", "begins_path"],
};

/** All by the same kind of probe: through BTF, else by breakpoints; none where the kernel has neither. */
function functionProbes(
  { functions }: FileSystem,
  operations: readonly Operation[],
  machine: Machine,
): readonly FunctionProbe[] {
  const all = operations.flatMap((operation) => (functions[operation] ?? []).map((name) => ({ name, operation })));
  const probed = all.filter(({ name }) => machine.hasKprobe(name));
  const traced = all.filter(({ name }) => machine.hasFentry(name));
  if (traced.length > 0 && traced.length >= probed.length)
    return traced.map((each) => {
      const [index] = PARAMETERS[each.operation];
      return { ...each, entry: "fentry", parameter: `args.${machine.parameters(each.name)[index]}` };
    });
  return probed.map((each) => {
    const [index, type] = PARAMETERS[each.operation];
    return { ...each, entry: "kprobe", parameter: `(${type} *)arg${index}` };
  });
}

function probeText({ name, operation, entry, parameter }: FunctionProbe, maps: string): string {
  const exit = entry === "fentry" ? "fexit" : "kretprobe";
  const [, , begins] = PARAMETERS[operation];
  const number = OPERATIONS.indexOf(operation);
  return `
${entry}:${name}
{
  ${begins}(@begun, ${number}, ${parameter});
}

${exit}:${name}
{
  ends(${maps}, ${number}, retval);
}
`;
}
