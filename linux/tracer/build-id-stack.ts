import { BUILD_ID_FRAME_BYTES } from "@beetrace/compiler";
import type { BuildIdFrame } from "@beetrace/output";

const BUILD_ID_AT = 4;
const BUILD_ID_BYTES = 20;
const OFFSET_AT = 24;
/** enum: BPF_STACK_BUILD_ID_EMPTY 0, _VALID 1, _IP 2. */
const VALID = 1;

/** The frames of a stack that was taken by build ids. */
export function buildIdFrames(value: Uint8Array): readonly BuildIdFrame[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const frames: BuildIdFrame[] = [];
  for (let at = 0; at + BUILD_ID_FRAME_BYTES <= value.length; at += BUILD_ID_FRAME_BYTES) {
    const status = view.getInt32(at, true);
    const number = view.getBigUint64(at + OFFSET_AT, true);
    const buildId = value.slice(at + BUILD_ID_AT, at + BUILD_ID_AT + BUILD_ID_BYTES);
    frames.push(
      status === VALID ? { kind: "build-id", buildId, offset: number } : { kind: "address", address: number },
    );
  }
  return frames;
}
