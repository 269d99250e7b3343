import type { BuildIdFrame } from "@beetrace/output";

// struct bpf_stack_build_id of include/uapi/linux/bpf.h: s32 status, u8 build_id[20], u64 offset or ip.
const FRAME_BYTES = 32;
const BUILD_ID_AT = 4;
const BUILD_ID_BYTES = 20;
const OFFSET_AT = 24;
/** enum: BPF_STACK_BUILD_ID_EMPTY 0, _VALID 1, _IP 2. */
const EMPTY = 0;
const VALID = 1;

/** The frames in the value of a stack map of build ids. They fill it from the start. */
export function buildIdFrames(value: Uint8Array): readonly BuildIdFrame[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const frames: BuildIdFrame[] = [];
  for (let at = 0; at + FRAME_BYTES <= value.length; at += FRAME_BYTES) {
    const status = view.getInt32(at, true);
    if (status === EMPTY) break;
    const number = view.getBigUint64(at + OFFSET_AT, true);
    const buildId = value.slice(at + BUILD_ID_AT, at + BUILD_ID_AT + BUILD_ID_BYTES);
    frames.push(
      status === VALID ? { kind: "build-id", buildId, offset: number } : { kind: "address", address: number },
    );
  }
  return frames;
}
