import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containerGroup } from "./containers.ts";
import { type Hierarchy, parseHierarchies, unifiedMount } from "./control-groups.ts";
import { ToolError } from "./tool.ts";

/** An id that begins so. */
const id = (start: string) => start.padEnd(64, "0");

const POD = "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice";
/** Control groups as engines lay them out. */
const GROUPS = {
  dockerSystemd: `system.slice/docker-${id("d0c1")}.scope`,
  dockerCgroupfs: `docker/${id("d0c2")}`,
  podman: `machine.slice/libpod-${id("90d1")}.scope`,
  podmanWatcher: `machine.slice/libpod-conmon-${id("90d1")}.scope`,
  podmanCgroupfs: `libpod_parent/libpod-${id("90d2")}`,
  containerdSystemd: `${POD}/cri-containerd-${id("c0d1")}.scope`,
  containerdCgroupfs: `kubepods/besteffort/pod2/${id("c0d2")}`,
  crio: `${POD}/crio-${id("c310")}.scope`,
  ctr: "default/shop",
  nested: `system.slice/docker-${id("d0c1")}.scope/docker/${id("d0c9")}`,
} as const;

/** What engines keep on disk. */
const FILES: Readonly<Record<string, unknown>> = {
  [`var/lib/docker/containers/${id("d0c1")}/config.v2.json`]: { Name: "/web" },
  [`data/containers/${id("d0c2")}/config.v2.json`]: { Name: "/cache" },
  [`data/containers/${id("d0c3")}/config.v2.json`]: { Name: "/stopped" },
  "etc/docker/daemon.json": { "data-root": "/data" },
  "var/lib/containers/storage/overlay-containers/containers.json": [
    { id: id("90d1"), names: ["mail"] },
    { id: id("c310"), names: ["k8s_proxy_pod_default_uid_0"] },
    { id: id("d0cd"), names: ["cache"] },
    {},
  ],
  "home/anna/.local/share/containers/storage/vfs-containers/containers.json": [{ id: id("90d2"), names: ["mine"] }],
  [`run/containerd/io.containerd.runtime.v2.task/k8s.io/${id("c0d1")}/config.json`]: {
    annotations: { "io.kubernetes.cri.container-name": "api" },
    linux: { cgroupsPath: `kubepods-burstable-pod1.slice:cri-containerd:${id("c0d1")}` },
  },
  [`run/containerd/io.containerd.runtime.v2.task/k8s.io/${id("c0d2")}/config.json`]: {
    annotations: { "io.kubernetes.cri.container-name": "api" },
    linux: { cgroupsPath: `/kubepods/besteffort/pod2/${id("c0d2")}` },
  },
  "run/containerd/io.containerd.runtime.v2.task/default/shop/config.json": { linux: { cgroupsPath: "/default/shop" } },
  "var/lib/docker/containers/broken/config.v2.json": "{",
};

let root: string;
let unified: Hierarchy;
let old: Hierarchy;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "containers-"));
  unified = { version: 2, mount: join(root, "cgroup/unified") };
  old = { version: 1, mount: join(root, "cgroup/memory") };
  for (const path of Object.values(GROUPS)) mkdirSync(join(unified.mount, path), { recursive: true });
  mkdirSync(join(old.mount, "docker", id("01d0")), { recursive: true });
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
});
afterAll(() => rmSync(root, { recursive: true }));

const groupOf = (name: string) => containerGroup(name, root, [unified, old]).slice(unified.mount.length + 1);

test.each([
  ["docker by systemd, by its name", "web", GROUPS.dockerSystemd],
  ["docker by systemd, by the beginning of its id", "d0c1", GROUPS.dockerSystemd],
  ["docker in another folder, by cgroupfs", id("d0c2"), GROUPS.dockerCgroupfs],
  ["podman, not what watches it", "mail", GROUPS.podman],
  ["podman, by its id", "90d1", GROUPS.podman],
  ["podman of a user, by cgroupfs", "mine", GROUPS.podmanCgroupfs],
  ["containerd of Kubernetes by systemd", "c0d1", GROUPS.containerdSystemd],
  ["containerd of Kubernetes by cgroupfs", id("c0d2"), GROUPS.containerdCgroupfs],
  ["containerd without an engine above it", "shop", GROUPS.ctr],
  ["CRI-O, by the name in the pod", "proxy", GROUPS.crio],
  ["CRI-O, by its whole name", "k8s_proxy_pod_default_uid_0", GROUPS.crio],
])("%s", (_, name, group) => expect(groupOf(name)).toBe(group));

describe("what cannot be said", () => {
  const problem = (name: string, all = [unified, old]) => {
    try {
      return containerGroup(name, root, all);
    } catch (error) {
      return error instanceof ToolError ? `${error.message}; ${error.hint}` : error;
    }
  };
  const list = "docker ps, podman ps, nerdctl ps, crictl ps and ctr tasks list show those that run";

  test("there is none", () => {
    expect(problem("nosuch")).toBe(`there is no container 'nosuch'; ${list}`);
    expect(problem("fefe")).toBe(`there is no container 'fefe'; ${list}`);
  });

  test("it does not run", () =>
    expect(problem("stopped")).toBe(`container 'stopped' (d0c300000000) does not run; ${list}`));

  test("there are several", () => {
    const both = `give the whole id of one of /${GROUPS.containerdSystemd}, /${GROUPS.containerdCgroupfs}`;
    expect(problem("api")).toBe(`'api' stands for 2 containers; ${both}`);
    expect(problem("c0d")).toBe(`there is no container 'c0d'; ${list}`); // too short to be an id
  });

  test("of two with a name, one runs", () => expect(groupOf("cache")).toBe(GROUPS.dockerCgroupfs));

  test("it has groups of version 1 only", () => {
    expect(problem("01d0")).toBe(
      "the control groups of container '01d0' are of version 1, which BPF programs do not know by number; " +
        "have the engine use version 2: boot with systemd.unified_cgroup_hierarchy=1",
    );
    expect(problem("web", [old])).toMatch(/^this machine has control groups of version 1 only/);
  });
});

test("hierarchies of a hybrid machine, version 2 first", () => {
  const all = parseHierarchies(`25 30 0:23 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro
26 25 0:24 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
27 25 0:25 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,name=systemd
`);
  expect(all).toEqual([
    { version: 2, mount: "/sys/fs/cgroup/unified" },
    { version: 1, mount: "/sys/fs/cgroup/systemd" },
  ]);
  expect(unifiedMount(all)).toBe("/sys/fs/cgroup/unified");
});
