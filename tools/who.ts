/** From the names of users, control groups and containers to the numbers that the kernel knows them by. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "./tool.ts";

const CGROUP_ROOT = "/sys/fs/cgroup";

/** The number of a user, by number or name. Throws {@link ToolError}. */
export function userId(user: string): number {
  if (/^\d+$/.test(user)) return Number(user);
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${user}:`));
  if (line === undefined) throw new ToolError(`there is no user '${user}'`, "give a number, or a name of /etc/passwd");
  return Number(line.split(":")[2]);
}

/** The name of a user, by /etc/passwd; undefined if there is none. */
export function userName(id: number): string | undefined {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  return lines.map((line) => line.split(":")).find(([, , number]) => Number(number) === id)?.[0];
}

/** The id of a control group: the inode of its directory (cgroup v2). Throws {@link ToolError}. */
export function cgroupId(path: string): number {
  const full = path.startsWith(CGROUP_ROOT) ? path : join(CGROUP_ROOT, path);
  if (!existsSync(full)) throw new ToolError(`there is no control group ${full}`, `look below ${CGROUP_ROOT}`);
  return Number(statSync(full).ino);
}

/** The ids of a control group and of all that are below it now. Throws {@link ToolError}. */
export function cgroupsBelow(path: string): number[] {
  const id = cgroupId(path);
  const full = path.startsWith(CGROUP_ROOT) ? path : join(CGROUP_ROOT, path);
  const folders = readdirSync(full, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [id, ...folders.flatMap(({ name }) => cgroupsBelow(join(full, name)))];
}

/**
 * The control group of a container, by name, id or the beginning of its id. Docker, podman and containerd all have the
 * id in the name of the directory; names are in the files of docker and podman.
 */
export function containerCgroup(name: string): number {
  const id = /^[0-9a-f]{6,64}$/.test(name) ? name : idOfName(name);
  const found = id === undefined ? undefined : findFolder(CGROUP_ROOT, id);
  if (found !== undefined) return cgroupId(found);
  throw new ToolError(`there is no container '${name}' here`, "docker ps, podman ps or crictl ps list those that run");
}

function findFolder(folder: string, id: string): string | undefined {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if (entry.name.includes(id)) return path;
    const below = findFolder(path, id);
    if (below !== undefined) return below;
  }
  return undefined;
}

/** Where docker and podman keep what they know of their containers. */
const DOCKER = "/var/lib/docker/containers";
const PODMAN = "/var/lib/containers/storage/overlay-containers/containers.json";

function idOfName(name: string): string | undefined {
  return dockerId(name) ?? podmanId(name);
}

function dockerId(name: string): string | undefined {
  if (!existsSync(DOCKER)) return undefined;
  return readdirSync(DOCKER).find((id) => {
    const file = join(DOCKER, id, "config.v2.json");
    return existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { Name?: string }).Name === `/${name}`;
  });
}

function podmanId(name: string): string | undefined {
  if (!existsSync(PODMAN)) return undefined;
  const containers = JSON.parse(readFileSync(PODMAN, "utf8")) as readonly { id: string; names?: readonly string[] }[];
  return containers.find(({ names }) => names?.includes(name))?.id;
}
