/** Containers: from the names that their engines know them by to their control groups. */
import { type Dirent, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Hierarchy, hierarchies, unifiedMount } from "./control-groups.ts";
import { type EngineContainer, knownContainers } from "./engines.ts";
import { ToolError } from "./tool.ts";

const LIST_HINT = "docker ps, podman ps, nerdctl ps, crictl ps and ctr tasks list show those that run";
const ID_PART = /^[0-9a-f]{4,64}$/;
/** As many characters of an id as the engines show. */
const SHORT_ID = 12;

/**
 * The directory of a container's control group, by its name, its id or the beginning of that; `root` is where the
 * engines' folders are looked for. Throws {@link ToolError}.
 */
export function containerGroup(name: string, root = "/", all: readonly Hierarchy[] = hierarchies()): string {
  const named = knownContainers(root).filter((each) => each.id === name || each.names.includes(name));
  const mount = unifiedMount(all);
  const found = named.flatMap((each) => groupsOf(each, mount));
  if (found.length === 0 && ID_PART.test(name)) found.push(...foldersOfId(mount, name));
  if (found.length === 1) return found[0];
  throw found.length > 1 ? severalError(name, found, mount) : noneError(name, named, all);
}

function severalError(name: string, found: readonly string[], mount: string): ToolError {
  const list = found.map((path) => path.slice(mount.length)).join(", ");
  return new ToolError(`'${name}' stands for ${found.length} containers`, `give the whole id of one of ${list}`);
}

function noneError(name: string, named: readonly EngineContainer[], all: readonly Hierarchy[]): ToolError {
  if (named.length === 0 && !ID_PART.test(name)) return new ToolError(`there is no container '${name}'`, LIST_HINT);
  const old = all.filter(({ version }) => version === 1).map(({ mount }) => mount);
  const isOld = old.some((mount) =>
    named.length > 0 ? named.some((each) => groupsOf(each, mount).length > 0) : foldersOfId(mount, name).length > 0,
  );
  if (isOld) {
    return new ToolError(
      `the control groups of container '${name}' are of version 1, which BPF programs do not know by number`,
      "have the engine use version 2: boot with systemd.unified_cgroup_hierarchy=1",
    );
  }
  if (named.length === 0) return new ToolError(`there is no container '${name}'`, LIST_HINT);
  return new ToolError(`container '${name}' (${named[0].id.slice(0, SHORT_ID)}) does not run`, LIST_HINT);
}

/** The control groups of a container in a hierarchy. */
function groupsOf({ id, cgroupsPath }: EngineContainer, mount: string): string[] {
  if (cgroupsPath !== undefined) {
    const [slice, prefix, name] = cgroupsPath.split(":");
    if (name === undefined) return [join(mount, slice)].filter((path) => existsSync(path));
    const found = foldersWhere(mount, (folder) => folder === `${prefix}-${name}.scope`);
    if (found.length > 0) return found;
  }
  return foldersOfId(mount, id);
}

/**
 * What engines call the directory of a container: the id alone (docker and containerd by cgroupfs), or a scope of systemd,
 * `docker-ID.scope`, `libpod-ID.scope`, `cri-containerd-ID.scope`, `crio-ID.scope`.
 */
const FOLDER = /^((?:[a-z]+-)*)([0-9a-f]{64})(?:\.scope)?$/;

function foldersOfId(mount: string, id: string): string[] {
  return foldersWhere(mount, (folder) => {
    const [, prefix, whole] = FOLDER.exec(folder) ?? [];
    return whole?.startsWith(id) === true && !prefix.includes("conmon"); // conmon watches a container from outside
  });
}

/** Directories whose name fits, without looking into them. */
function foldersWhere(folder: string, fits: (name: string) => boolean): string[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // it went away
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => (fits(name) ? [join(folder, name)] : foldersWhere(join(folder, name), fits)));
}
