import { readFileSync, statSync } from "node:fs";
import { type PerfMap, parsePerfMap } from "@beetrace/object";

/** A map beyond this is not read: a broken runtime may fill the disk with one. */
const MOST_BYTES = 256 << 20;

interface ReadMap {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly map: PerfMap;
}

/** Names of the code that runtimes compile, from the `perf-PID.map` files they write (tools/perf/Documentation/jit-interface.txt). */
export class JitSymbols {
  readonly #proc: string;
  readonly #tmp: string;
  readonly #maps = new Map<number, ReadMap>();

  constructor(proc = "/proc", tmp = "/tmp") {
    this.#proc = proc;
    this.#tmp = tmp;
  }

  /**
   * The function that holds `address`. The file is read again only for an address it did not have: a runtime that is
   * warming up appends to it all the time.
   */
  lookup(pid: number, address: number): { readonly name: string; readonly offset: number } | undefined {
    const known = this.#maps.get(pid)?.map.findByAddress(address);
    const found = known ?? this.#refresh(pid)?.map.findByAddress(address);
    return found && { name: found.entry.name, offset: found.offset };
  }

  /** Drops what was read for a process. */
  forget(pid: number): void {
    this.#maps.delete(pid);
  }

  #refresh(pid: number): ReadMap | undefined {
    for (const path of this.#paths(pid)) {
      const read = readIfChanged(path, this.#maps.get(pid));
      if (!read) continue;
      this.#maps.set(pid, read);
      return read;
    }
    return undefined;
  }

  /** A process in a container writes to its own /tmp, under the pid that it sees itself. */
  #paths(pid: number): readonly string[] {
    const inside = `${this.#proc}/${pid}/root/tmp/perf-${innerPid(this.#proc, pid)}.map`;
    return [inside, `${this.#tmp}/perf-${pid}.map`];
  }
}

function readIfChanged(path: string, known: ReadMap | undefined): ReadMap | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MOST_BYTES) return undefined;
    if (known && known.sizeBytes === stat.size && known.modifiedMs === stat.mtimeMs) return known;
    return { sizeBytes: stat.size, modifiedMs: stat.mtimeMs, map: parsePerfMap(readFileSync(path, "utf8")) };
  } catch {
    return undefined;
  }
}

/** The pid in the innermost pid namespace: the last one of `NSpid` in /proc/PID/status. */
function innerPid(proc: string, pid: number): number {
  try {
    const line = /^NSpid:\s*(.*)$/m.exec(readFileSync(`${proc}/${pid}/status`, "latin1"));
    return Number(line?.[1].trim().split(/\s+/).at(-1) ?? pid);
  } catch {
    return pid;
  }
}
