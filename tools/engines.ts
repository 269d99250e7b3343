/** What the engines of containers keep of them on disk. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A container that an engine knows, whether it runs or not. */
export interface EngineContainer {
  readonly id: string;
  readonly names: readonly string[];
  /** Of the OCI runtime's config.json (linux.cgroupsPath): a path, or `slice:prefix:name`. */
  readonly cgroupsPath?: string;
}

/** All containers of docker, podman, CRI-O and containerd, in their usual folders below `root`. */
export function knownContainers(root = "/"): readonly EngineContainer[] {
  return [...dockerContainers(root), ...storedContainers(root), ...containerdContainers(root)];
}

/** Docker: a folder for each container, whose config.v2.json has its name, with a slash before it. */
function dockerContainers(root: string): readonly EngineContainer[] {
  const daemon = object(json(join(root, "etc/docker/daemon.json")));
  const folders = [
    "var/lib/docker/containers",
    "var/snap/docker/common/var-lib-docker/containers",
    ...homes(root).map((home) => join(home, ".local/share/docker/containers")),
    ...texts([daemon?.["data-root"]]).map((path) => join(path, "containers")),
  ];
  return folders.flatMap((folder) =>
    list(join(root, folder)).map((id): EngineContainer => {
      const config = object(json(join(root, folder, id, "config.v2.json")));
      return { id, names: texts([config?.Name]).flatMap((name) => namesOf(name.replace(/^\//, ""))) };
    }),
  );
}

/** Podman and CRI-O keep a list in the folder of the storage driver: `overlay-containers/containers.json`. */
function storedContainers(root: string): readonly EngineContainer[] {
  const storages = [
    "var/lib/containers/storage",
    ...homes(root).map((home) => join(home, ".local/share/containers/storage")),
  ];
  return storages.flatMap((storage) =>
    list(join(root, storage))
      .filter((name) => name.endsWith("-containers"))
      .flatMap((name) => array(json(join(root, storage, name, "containers.json"))))
      .flatMap((entry): readonly EngineContainer[] => {
        const { id, names } = object(entry) ?? {};
        return typeof id === "string" ? [{ id, names: texts(array(names)).flatMap(namesOf) }] : [];
      }),
  );
}

/** What containers are called in the annotations of their config.json: by Kubernetes (containerd's CRI) and nerdctl. */
const NAME_ANNOTATIONS = ["io.kubernetes.cri.container-name", "nerdctl/name"];
const CONTAINERD_TASKS = "run/containerd/io.containerd.runtime.v2.task";

/** Containerd: a folder for each container that runs, by namespace; it holds the configuration of the OCI runtime. */
function containerdContainers(root: string): readonly EngineContainer[] {
  return list(join(root, CONTAINERD_TASKS)).flatMap((namespace) =>
    list(join(root, CONTAINERD_TASKS, namespace)).map((id): EngineContainer => {
      const config = object(json(join(root, CONTAINERD_TASKS, namespace, id, "config.json")));
      const annotations = object(config?.annotations);
      const [cgroupsPath] = texts([object(config?.linux)?.cgroupsPath]);
      return {
        id,
        names: texts(NAME_ANNOTATIONS.map((name) => annotations?.[name])),
        ...(cgroupsPath === undefined ? {} : { cgroupsPath }),
      };
    }),
  );
}

/** Kubernetes puts more into the name than people call a container by: `k8s_NAME_POD_NAMESPACE_UID_ATTEMPT`. */
function namesOf(name: string): readonly string[] {
  const [prefix, own] = name.split("_");
  return prefix === "k8s" && own !== undefined ? [name, own] : [name];
}

function homes(root: string): readonly string[] {
  return list(join(root, "home")).map((user) => join("home", user));
}

/** What is in a folder; nothing where there is none. */
function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** What a file of JSON holds; nothing where there is none, or where it is just being written. */
function json(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function object(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(values: readonly unknown[]): readonly string[] {
  return values.filter((value) => typeof value === "string");
}
