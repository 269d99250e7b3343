/** The maps of call stacks: programs put stacks in under ids that are made of their hashes, the reader takes them out. */

/** The most frames of a stack. */
export const STACK_FRAMES_MAX = 1024;
/** sizeof(struct bpf_stack_build_id): s32 status, u8 build_id[20], u64 offset or ip (include/uapi/linux/bpf.h). */
export const BUILD_ID_FRAME_BYTES = 32;
/** The bits of an id that say how many frames the stack has; the others, but for the sign, are of its hash. */
const FRAMES_MASK = 0x7ffn;

/** How the hash of a stack goes on with a word, and becomes an id: the same steps in a program and in its reader. */
export const STACK_HASH = {
  factor: 0x9e37_79b9_7f4a_7c15n, // 2^64 divided by the golden ratio
  shift: 32n,
  idShift: 1n,
  idMask: ~FRAMES_MASK,
} as const;

/** How many frames the stack of an id has, which is not that of a failure. */
export function stackFrames(id: bigint): number {
  return Number(id & FRAMES_MASK);
}

/**
 * The id of a stack with so many frames, of a word each or (by build ids) of more: what the program that took it has
 * computed, unless another one came between. Ids of failures are negated errnos.
 */
export function stackId(words: Iterable<bigint>, frames: number): bigint {
  let hash = 0n;
  for (const word of words) {
    hash = BigInt.asUintN(64, (hash ^ word) * STACK_HASH.factor);
    hash ^= hash >> STACK_HASH.shift;
  }
  return ((hash >> STACK_HASH.idShift) & STACK_HASH.idMask) | BigInt(frames);
}
