/** In which mapping an address is, and so in which file: the process's list says it, or the kernel. */
import { invariant } from "@beetrace/std";
import type { BlockId, Reg } from "../../ir/ir.ts";
import { findField } from "../../semantics/c-types.ts";
import { UINT64 } from "../../semantics/types.ts";
import {
  UNWIND_FILE,
  UNWIND_FILES_MAP,
  UNWIND_MAPPING,
  UNWIND_MAPPINGS_MAX,
  UNWIND_PROCESS,
  UNWIND_PROCESSES_MAP,
} from "../../unwind-maps.ts";
import type { Lowerer } from "../lowerer.ts";
import { readScalar } from "../memory.ts";
import { ENV, lookUp, lowerOnce, WORD } from "./environment.ts";
import { lastNotBeyond, lessMask } from "./search.ts";

const MAPPING_SEARCH = "unwind_mapping";
const FINDER = "unwind_find_mapping";

/**
 * Brings the mapping of `place` into the environment: it is there, or the process has it, or the kernel. Goes to
 * `unknown` where there is none of a file with a table.
 */
export function findMapping(
  f: Lowerer,
  env: Reg,
  place: Reg,
  { unknown, failed }: { readonly unknown: BlockId; readonly failed: BlockId },
): void {
  const { b } = f;
  const [search, listed, ask, asked, found] = Array.from({ length: 5 }, () => b.block());
  branchWithin(f, env, place, found, search);
  b.enter(search);
  const process = b.load(env, ENV.process, 8);
  b.branch("ne", process, 0n, listed, ask);
  b.enter(listed);
  const entry = mappingAt(f, process, b.invoke(MAPPING_SEARCH, b.load(env, ENV.pid, 8), place));
  for (let at = 0; at < UNWIND_MAPPING.bytes; at += WORD)
    b.store(env, ENV.mapping + at, 8, b.load(entry, UNWIND_PROCESS.mappings + at, 8));
  branchWithin(f, env, place, found, ask);
  b.enter(ask);
  b.store(env, ENV.mapping + UNWIND_MAPPING.start, 8, 0n);
  b.store(env, ENV.mapping + UNWIND_MAPPING.end, 8, 0n);
  const finder = { kind: "function", name: FINDER } as const;
  const result = b.call("find_vma", b.call("get_current_task_btf"), place, finder, env, 0n);
  // Where interrupts are off it can be asked only once in a while: that says nothing of the process.
  b.branch("slt", result, 0n, failed, asked);
  b.enter(asked);
  branchWithin(f, env, place, found, unknown);
  b.enter(found);
}

/**
 * Whether the mapping of the environment has the address. Differences are compared: what the verifier learned of a word
 * of the environment by comparing it would be new with each frame, and it would follow the loop for ever.
 */
function branchWithin({ b }: Lowerer, env: Reg, place: Reg, yes: BlockId, no: BlockId): void {
  const start = b.load(env, ENV.mapping + UNWIND_MAPPING.start, 8);
  const sizeBytes = b.alu("sub", b.load(env, ENV.mapping + UNWIND_MAPPING.end, 8), start);
  b.branch("lt", b.alu("sub", place, start), sizeBytes, yes, no);
}

function mappingAt({ b }: Lowerer, process: Reg, index: Reg): Reg {
  const inside = b.alu("and", index, BigInt(UNWIND_MAPPINGS_MAX - 1));
  return b.add(process, b.alu("lsh", inside, BigInt(Math.log2(UNWIND_MAPPING.bytes))));
}

/** (pid, place) -> index of the last mapping of the process that does not begin beyond the place. */
export function lowerMappingSearch(l: Lowerer): void {
  lowerOnce(l, MAPPING_SEARCH, { params: ["pid", "place"], global: true }, (f) => {
    const { b } = f;
    const [pid, place] = f.params;
    const key = b.slot(8, 4);
    b.store(key, 0, 4, pid);
    const process = lookUp(f, UNWIND_PROCESSES_MAP, key);
    const [known, unknown] = [b.block(), b.block()];
    b.branch("ne", process, 0n, known, unknown);
    b.enter(unknown);
    b.return(0n);
    b.enter(known);
    const count = b.load(process, UNWIND_PROCESS.count, 4);
    const startAt = (index: Reg) =>
      b.load(mappingAt(f, process, index), UNWIND_PROCESS.mappings + UNWIND_MAPPING.start, 8);
    b.return(lastNotBeyond(f, 0n, count, UNWIND_MAPPINGS_MAX, (index) => lessMask(f, place, startAt(index))));
  });
}

/** The function that bpf_find_vma calls: brings a mapping of a known file into the environment. */
export function lowerMappingFinder(l: Lowerer): void {
  lowerOnce(l, FINDER, { params: ["task", "vma", "env"] }, takeMapping);
}

function takeMapping(f: Lowerer): void {
  const { b } = f;
  const [, vma, env] = f.params;
  const area = (field: string) => member(f, "vm_area_struct", vma, field, "trusted");
  const file = area("vm_file");
  const inode = member(f, "file", file, "f_inode", "kernel");
  const key = b.slot(UNWIND_FILE.keyBytes);
  b.store(key, 0, 8, member(f, "inode", inode, "i_ino", "kernel"));
  b.store(key, 8, 8, member(f, "inode", inode, "i_size", "kernel"));
  const found = lookUp(f, UNWIND_FILES_MAP, key);
  const [known, done] = [b.block(), b.block()];
  b.branch("ne", found, 0n, known, done);
  b.enter(known);
  const start = area("vm_start");
  const { pageSizeBytes } = f.assembly.checker.target;
  const offset = b.alu("lsh", area("vm_pgoff"), BigInt(Math.log2(pageSizeBytes)));
  const bias = b.alu("sub", b.alu("sub", start, offset), b.load(found, UNWIND_FILE.distance, 8));
  b.store(env, ENV.mapping + UNWIND_MAPPING.start, 8, start);
  b.store(env, ENV.mapping + UNWIND_MAPPING.end, 8, area("vm_end"));
  b.store(env, ENV.mapping + UNWIND_MAPPING.bias, 8, bias);
  b.store(env, ENV.mapping + UNWIND_MAPPING.first, 8, b.load(found, UNWIND_FILE.first, 8)); // and the count
  b.jump(done);
  b.enter(done);
  b.return(0n);
}

/** A member of a struct of the kernel, 8 bytes wide. */
function member(f: Lowerer, struct: string, base: Reg, name: string, space: "trusted" | "kernel"): Reg {
  const type = f.assembly.checker.types.struct(struct);
  const field = type && findField(type, name);
  invariant(field, `struct ${struct} has ${name}: the builtin's check has seen to that`);
  return f.b.inReg(readScalar(f, { base, offset: field.offsetBytes, space }, UINT64));
}

/** What {@link unwindStack} reads of the kernel: the kernel must have it. */
export const UNWIND_MEMBERS: readonly (readonly [struct: string, member: string])[] = [
  ["vm_area_struct", "vm_file"],
  ["vm_area_struct", "vm_start"],
  ["vm_area_struct", "vm_end"],
  ["vm_area_struct", "vm_pgoff"],
  ["file", "f_inode"],
  ["inode", "i_ino"],
  ["inode", "i_size"],
];
