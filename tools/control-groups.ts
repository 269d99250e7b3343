/** Control groups as the kernel's programs know them: those of version 2, by number. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "./tool.ts";

/** A mounted hierarchy of control groups. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mount: string;
}

/** A control group. */
export interface ControlGroup {
  /** The inode of its directory, which is what bpf_get_current_cgroup_id gives. */
  readonly id: number;
  /** How many groups it is in: 0 for the root of all. */
  readonly level: number;
}

/** The hierarchies in a text in the form of /proc/self/mountinfo (man 5 proc_pid_mountinfo), version 2 first. */
export function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of mountinfo.split("\n")) {
    const [fields, rest] = line.split(" - ");
    const mount = fields?.split(" ")[4];
    const type = rest?.split(" ")[0];
    if (mount === undefined) continue;
    if (type === "cgroup2") found.unshift({ version: 2, mount });
    else if (type === "cgroup") found.push({ version: 1, mount });
  }
  return found;
}

/** The hierarchies of this machine. */
export function hierarchies(): readonly Hierarchy[] {
  return parseHierarchies(readFileSync("/proc/self/mountinfo", "utf8"));
}

/** Where version 2 is mounted. Throws {@link ToolError} where it is not. */
export function unifiedMount(all: readonly Hierarchy[] = hierarchies()): string {
  const unified = all.find(({ version }) => version === 2);
  if (unified !== undefined) return unified.mount;
  throw new ToolError(
    "this machine has control groups of version 1 only, which BPF programs do not know by number",
    "boot it with systemd.unified_cgroup_hierarchy=1, or as root: mount -t cgroup2 none /mnt",
  );
}

/**
 * A control group by its path: below the mount of version 2, or a whole path, or as /proc/PID/cgroup has it. Throws
 * {@link ToolError}.
 */
export function controlGroup(path: string, mount: string = unifiedMount()): ControlGroup {
  const own = path.replace(/^0::/, "");
  const full = own === mount || own.startsWith(`${mount}/`) ? own : join(mount, own);
  if (!existsSync(join(full, "cgroup.procs")) && full !== mount)
    throw new ToolError(`there is no control group ${full}`, `look below ${mount}`);
  const parts = full.slice(mount.length).split("/");
  return { id: Number(statSync(full).ino), level: parts.filter((part) => part !== "").length };
}

/** The parameters by which `filter.bt` knows a control group. */
export function controlGroupParams({ id, level }: ControlGroup): Readonly<Record<string, number>> {
  return { cgroup: id, cgroup_level: level };
}
