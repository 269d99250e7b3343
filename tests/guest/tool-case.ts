import type { GuestCase } from "./cases.ts";

/** A ready-made tool in a guest. */
export interface ToolCase extends GuestCase {
  readonly tool: string;
  /** Whether it is about what the tool says where it cannot run. */
  readonly refused?: boolean;
}

/** Runs a tool (`opensnoop -x`), and a program of tests/workloads while its probes are attached; gives its output. */
export function during(tool: string, workload: string): string {
  return `tests/guest/tool '.cache/workloads/${workload}' ${tool}`;
}

/**
 * Runs a tool and says whether its number, what `pick` makes of its output, is as it has to be: at least by how much
 * `counter` grew during the workload, at most by how much it did from before the tool to behind it.
 */
export function between(counter: string, tool: string, workload: string, pick: string): string {
  return `counter() { ${counter}; }
      export -f counter
      before=$(counter)
      told=$(tests/guest/tool 'counter >/tmp/begun; ${workload}; counter >/tmp/ended' ${tool} | ${pick})
      after=$(counter)
      least=$(($(</tmp/ended) - $(</tmp/begun))) most=$((after - before))
      [ $least -gt 0 ] && [ $told -ge $least ] && [ $told -le $most ] && echo between || echo $least $told $most`;
}

/** Adds up a field of the JSON objects that come in. */
export function sumOf(field: string): string {
  return `grep -o '"${field}":[0-9]*' | awk -F: '{ sum += $2 } END { print sum }'`;
}

/** Mounts a new file system with an empty file in it, unless there is nothing to make one with. */
export function mounted(type: string): string {
  return `command -v mkfs.${type} >/dev/null || { echo no mkfs.${type}; exit; }
      for module in loop crc32c_generic ${type}; do modprobe $module; done
      folder=$(mktemp -d /dev/shm/${type}.XXXXXX)
      truncate -s 320M $folder.image
      mkfs.${type} -q $folder.image >/dev/null 2>&1
      mount -o loop $folder.image $folder
      touch $folder/data`;
}

/** And away with it. */
export const unmounted = `
      umount $folder
      rm $folder.image`;

/** Runs a tool on a process, which begins once its probes are attached. */
export function duringWaiting(tool: string, workload: string): string {
  return `rm -f /tmp/go
      mkfifo /tmp/go
      .cache/workloads/${workload} --wait <>/tmp/go >/dev/null &
      sleep 1
      tests/guest/tool "echo >/tmp/go; tail --pid=$! -f /dev/null" ${tool} $!`;
}

/** Runs a program of Debian's Python, which waits in a pipe until a tool has attached its probes to it. */
export function duringPython(tool: string, program: string): string {
  return `rm -f /tmp/ready /tmp/go
    mkfifo /tmp/go
    /usr/bin/python3.11 -I -c 'open("/tmp/ready", "w").close(); open("/tmp/go").read()${program}' &
    until [ -e /tmp/ready ]; do sleep 0.1; done
    tests/guest/tool "echo >/tmp/go; tail --pid=$! -f /dev/null" ${tool} $!`;
}

/** Runs a tool, and three queries of a server with MySQL's probes, `$server`, while its probes are attached. */
export function duringMysqld(tool: string): string {
  return `{ rm -f /tmp/queries
    mkfifo /tmp/queries
    .cache/workloads/mysqld <>/tmp/queries >/dev/null &
    server=$!
    sleep 1
    tests/guest/tool "printf '%s\\n' '1 60 select slow' '2 0 select fast' '1 0 select fast' >/tmp/queries; sleep 1" ${tool}
    kill $server; }`;
}
