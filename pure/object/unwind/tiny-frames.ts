import { alignUp } from "@beetrace/std";
import { TinyWriter, tinyElf } from "../tiny-elf.ts";

// Makes call frame information for tests.

/** A function and its instructions, of the CIE that was made last. */
export interface TinyFunction {
  readonly address: number;
  readonly sizeBytes: number;
  readonly instructions: readonly number[];
}

/** A CIE with its functions. */
export interface TinyCie {
  /** Default `zR` with pointers of four bytes relative to their place. */
  readonly augmentation?: string;
  /** The data of the augmentation: default the encoding 0x1b. */
  readonly data?: readonly number[];
  /** Default: the CFA is rsp + 8, and the return address is just below. */
  readonly instructions?: readonly number[];
  readonly functions: readonly TinyFunction[];
}

/** What compilers begin with: DW_CFA_def_cfa rsp, 8; DW_CFA_offset rip, 1. */
export const USUAL_START = [0x0c, 7, 8, 0x90, 1];

/** Where {@link framesElf} loads `.eh_frame`. */
export const FRAMES_ADDRESS = 0x4000;
const FRAMES_OFFSET = 0x200;

/** A program of x86-64 that has only its call frame information, in a section or behind a header. */
export function framesElf(cies: readonly TinyCie[], where: "section" | "header" = "section"): Uint8Array {
  const bytes = frames(cies);
  const at = { address: FRAMES_ADDRESS, offset: FRAMES_OFFSET };
  const header = new TinyWriter()
    .bytes(Uint8Array.of(1, 0x03, 0xff, 0xff))
    .number(FRAMES_ADDRESS, 4)
    .finish();
  const headerOffset = alignUp(FRAMES_OFFSET + bytes.length, 8);
  return tinyElf({
    machine: 62,
    sections: [
      { name: where === "section" ? ".eh_frame" : ".other", type: 1, flags: 2, bytes, ...at },
      { name: ".header", type: 1, flags: 2, bytes: header, offset: headerOffset },
    ],
    segments: [
      { type: 1, flags: 5, offset: 0, address: 0x1000, fileSizeBytes: 0x100 },
      { type: 1, flags: 4, fileSizeBytes: bytes.length, ...at },
      { type: 0x6474e550, flags: 4, offset: headerOffset, address: 0x9000, fileSizeBytes: header.length },
    ],
  });
}

function frames(cies: readonly TinyCie[]): Uint8Array {
  const all = new TinyWriter();
  for (const { augmentation = "zR", data = [0x1b], instructions = USUAL_START, functions } of cies) {
    const start = all.length;
    const body = new TinyWriter().number(0, 4).bytes(Uint8Array.of(1)).text(augmentation);
    body.bytes(Uint8Array.of(1, 0x78, 16)); // code alignment 1, data alignment -8, return address in register 16
    if (augmentation !== "") body.bytes(Uint8Array.of(data.length, ...data));
    addEntry(all, body.bytes(Uint8Array.from(instructions)));
    for (const { address, sizeBytes, instructions: own } of functions) {
      const place = all.length + 4;
      const entry = new TinyWriter().number(place - start, 4);
      entry.number(address - (FRAMES_ADDRESS + place + 4), 4).number(sizeBytes, 4);
      addEntry(all, entry.bytes(Uint8Array.of(0, ...own)));
    }
  }
  return all.number(0, 4).finish();
}

function addEntry(all: TinyWriter, body: TinyWriter): void {
  while (body.length % 4 !== 0) body.bytes(Uint8Array.of(0));
  all.number(body.length, 4).bytes(body.finish());
}
