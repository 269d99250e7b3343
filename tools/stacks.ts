/** Stacks of maps: their frames as text and as rows. */
import { basename } from "node:path";
import type { JsonValue, PlainFrame } from "@beetrace/output";

/** Innermost first. Null: the kernel could not keep it; absent: it was not asked for. */
export type Frames = readonly PlainFrame[] | null | undefined;

/** Whose code frames are. */
export type Space = "user" | "kernel";

/** How frames are written. */
export interface FrameStyle {
  readonly offset?: boolean;
  readonly module?: boolean;
}

/** `read+0x1f [libc.so.6]`; code of the kernel that is in no module is in `[kernel]`. */
export function frameText(frame: PlainFrame, space: Space, style: FrameStyle = {}): string {
  const { name, offset, module } = frame;
  const place = space === "kernel" ? (module ?? "kernel") : module;
  const at = style.offset && name !== null ? `+0x${offset.toString(16)}` : "";
  return `${name ?? "[unknown]"}${at}${style.module && place !== null ? ` [${basename(place)}]` : ""}`;
}

const MISSED: Readonly<Record<Space, string>> = { user: "[Missed User Stack]", kernel: "[Missed Kernel Stack]" };

/** The lines of a stack, innermost first; `line` makes one of a frame's text. */
export function stackLines(
  frames: Frames,
  space: Space,
  style: FrameStyle,
  line: (text: string, frame?: PlainFrame) => string,
): string {
  if (frames === undefined) return "";
  if (frames === null) return line(MISSED[space]);
  return frames.map((frame) => line(frameText(frame, space, style), frame)).join("");
}

/** The frames in the other order. */
export function outermostFirst(frames: Frames): Frames {
  return frames?.toReversed() ?? frames;
}

/** The frames of a stack from the root, for folded stacks: `;` would separate them. */
export function rootFirst(frames: Frames, space: Space, mark = ""): string[] {
  if (frames === undefined) return [];
  if (frames === null) return [MISSED[space]];
  return frames.map((frame) => `${frameText(frame, space).replaceAll(";", ":")}${mark}`).reverse();
}

/** A stack for programs: frames with offsets and modules, innermost first. */
export function stackField(frames: Frames, space: Space): JsonValue {
  return frames?.map((frame) => frameText(frame, space, { offset: true, module: true })) ?? null;
}

/** What is said of stacks that the kernel could not keep. */
export function missedNotice(stacks: readonly Frames[]): string {
  const missed = stacks.filter((frames) => frames === null).length;
  if (missed === 0) return "";
  return `WARNING: ${missed} stack traces could not be displayed. Consider increasing --stack-storage-size.\n`;
}
