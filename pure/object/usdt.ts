import { ByteReader } from "@beetrace/std";
import type { Elf } from "./elf.ts";
import { readingPart } from "./elf-error.ts";
import { readWord } from "./elf-headers.ts";
import { type ElfNote, elfNotes } from "./elf-notes.ts";
import { parseUsdtArgs, type UsdtArg } from "./usdt-argument.ts";

/** A place in a program where its author put a USDT probe. One probe (provider and name) may have many. */
export interface UsdtProbe {
  readonly provider: string;
  readonly name: string;
  readonly address: number;
  /** Where the probe's instruction is in the file; undefined when no loaded byte of the file is there. */
  readonly fileOffset: number | undefined;
  /** A 16-bit counter that the program tests before it works out the arguments; absent when it always does. */
  readonly semaphoreAddress?: number;
  /** Where the counter is in the file: the kernel's `ref_ctr_offset`. */
  readonly semaphoreFileOffset?: number;
  readonly args: readonly UsdtArg[];
  /** The arguments as the note has them. */
  readonly argText: string;
}

const NT_STAPSDT = 3;

/**
 * The USDT probes of a file, from `.note.stapsdt` ("User Space Probe Implementation", systemtap wiki).
 * Throws {@link ElfError}.
 */
export function usdtProbes(elf: Elf): UsdtProbe[] {
  if (elf.section(".note.stapsdt") === undefined) return [];
  const base = elf.section(".stapsdt.base")?.address;
  return elfNotes(elf)
    .filter((note) => note.owner === "stapsdt" && note.type === NT_STAPSDT)
    .map((note) => readingPart("USDT note", () => parseProbe(elf, note, base)));
}

function parseProbe(elf: Elf, note: ElfNote, baseNow: number | undefined): UsdtProbe {
  const reader = new ByteReader(note.description, elf.littleEndian);
  const linkedAddress = readWord(reader, elf);
  const baseThen = readWord(reader, elf);
  const linkedSemaphore = readWord(reader, elf);
  const provider = reader.cString();
  const name = reader.cString();
  const argText = reader.remaining > 0 ? reader.cString() : "";
  // The note is not relocated when the file is moved after linking (prelink), but the section it names is.
  const moved = baseNow === undefined ? 0 : baseNow - baseThen;
  const address = linkedAddress + moved;
  const semaphoreAddress = linkedSemaphore === 0 ? undefined : linkedSemaphore + moved;
  const args = parseUsdtArgs(argText, {
    machine: elf.machine,
    probeAddress: address,
    addressOf: (symbol) => elf.symbols().findByName(symbol)?.address,
  });
  const fileOffset = elf.fileOffset(address);
  if (semaphoreAddress === undefined) return { provider, name, address, fileOffset, args, argText };
  const semaphoreFileOffset = elf.fileOffset(semaphoreAddress);
  return { provider, name, address, fileOffset, semaphoreAddress, semaphoreFileOffset, args, argText };
}
