import { readSync } from "node:fs";
import { ATTACH_TYPES } from "@beetrace/bytecode";
import { Handle } from "../handle.ts";
import type { BpfProgram } from "../program.ts";
import { explained } from "../sys/error.ts";
import { Link } from "./link.ts";

/** What an iterator goes through, where it does not go through everything. union bpf_iter_link_info. */
export type IteratorScope =
  /** Elements of a map (`bpf_map_elem`). */
  | { readonly kind: "map"; readonly mapFd: number }
  /** One thread, or one process with all its threads (`task`, `task_file`, `task_vma`). Requires Linux 6.1. */
  | { readonly kind: "task"; readonly tid?: number; readonly pid?: number };

const READ_BYTES = 1 << 16;

/** Attaches an iterator program. Requires Linux 5.8. */
export function attachIterator(program: BpfProgram, scope?: IteratorScope): Link {
  const { sys } = program;
  const name = `iterator ${program.name}`;
  try {
    const fd = sys.linkCreate(program.fd, ATTACH_TYPES.BPF_TRACE_ITER, { kind: "iter", info: infoOf(scope) });
    return new Link(sys, "iterator", name, [fd]);
  } catch (error) {
    throw explained(error, name);
  }
}

function infoOf(scope: IteratorScope | undefined): Uint8Array | undefined {
  if (scope === undefined) return undefined;
  const words = scope.kind === "map" ? [scope.mapFd, 0, 0, 0] : [scope.tid ?? 0, scope.pid ?? 0, 0, 0];
  return new Uint8Array(new Uint32Array(words).buffer);
}

/** Runs an attached iterator once, from the first to the last element, and gives what it wrote. */
export function runIterator(link: Link): Uint8Array {
  const handle = new Handle(link.sys, "iterator", link.name, link.sys.iterCreate(link.fd));
  try {
    const parts: Buffer[] = [];
    for (;;) {
      const part = Buffer.allocUnsafe(READ_BYTES);
      const sizeBytes = readSync(handle.fd, part, 0, READ_BYTES, null);
      if (sizeBytes === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, sizeBytes));
    }
  } finally {
    handle[Symbol.dispose]();
  }
}

/** Makes an attached iterator readable as a file, at a path of a BPF file system. */
export function pinIterator(link: Link, path: string): void {
  link.sys.objPin(link.fd, path);
}
