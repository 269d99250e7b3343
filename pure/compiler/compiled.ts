/** What a compiled script is: plain data, ready to be loaded, run and kept. */
import type { CollectionSpec } from "@beetrace/bytecode";
import type { MapLayout, PrintfArg, ValueType } from "@beetrace/output";
import type { Span } from "./ast.ts";
import type { Config } from "./config.ts";
import type { ParamSlot } from "./named-params.ts";
import type { NamedAttachment, ProviderName } from "./semantics/probe-context.ts";

/** The name of the ring buffer that events come through. */
export const EVENTS_MAP = "events";
/** An array of one value with a {count, last code} pair of 16 bytes for each {@link RuntimeSite}. Mapped by the reader. */
export const RUNTIME_MAP = "runtime";
/** An array of one value: u64 at 0 is the start time (boot clock, ns), which the loader writes. */
export const GLOBALS_MAP = "globals";

/** The perf event array that packets come through. */
export const PACKETS_MAP = "packets";
/** What stands before a packet there. */
export const PACKET_SAMPLE = {
  /** u32 index into `packetFiles`. */
  file: 0,
  /** u32: so many bytes of the packet are left out. */
  skip: 4,
  /** u64 bytes of the packet: behind it there may be more. */
  length: 8,
  /** u64 by the boot clock. */
  timeNs: 16,
  bytes: 24,
} as const;

/** An event: u32 action index, u32 zero, then what the action carries. */
export const EVENT_HEADER_BYTES = 8;

/** What user space does when an event of this kind arrives: its index is in the event. */
export type Action =
  /** `at`: where the call stands in the script. */
  | {
      readonly kind: "printf" | "errorf" | "warnf" | "system" | "cat";
      readonly format: string;
      readonly args: readonly PrintfArg[];
      readonly at: SourcePlace;
    }
  /**
   * `take`: what is printed is removed from the map in the same step. `snapshot`: its entries have come before, by the u64
   * token at `token`; the u64 at `failed` is not 0 where some found no room. Without, user space reads the map.
   */
  | {
      readonly kind: "print-map";
      readonly map: string;
      readonly top: number;
      readonly div: number;
      readonly take?: true;
      readonly snapshot?: { readonly token: number; readonly failed: number };
    }
  /** An entry that a `print-map` will be about. */
  | { readonly kind: "map-entry"; readonly map: string; readonly event: MapEntryEvent }
  /** A map without keys, as it was when the event was sent: its value stands as that of `print-value` does. */
  | {
      readonly kind: "print-scalar";
      readonly map: string;
      readonly div: number;
      readonly type: ValueType;
      readonly offset: number;
      readonly packed?: boolean;
    }
  /** The value stands at `offset`, or a {@link PrintfArg} that is packed tells where. */
  | { readonly kind: "print-value"; readonly type: ValueType; readonly offset: number; readonly packed?: boolean }
  /** `done`: the program has done it already. */
  | { readonly kind: "clear" | "zero"; readonly map: string; readonly done?: true }
  | { readonly kind: "time"; readonly format: string }
  /** u8 exit code at `offset`. */
  | { readonly kind: "exit"; readonly offset: number }
  /** `count` strings of `stride` bytes at `offset`; the number that are there is a u32 before them. */
  | {
      readonly kind: "join";
      readonly separator: string;
      readonly offset: number;
      readonly stride: number;
      readonly count: number;
    };

/** Offsets and sizes in an event that carries an entry of a map, as it stands in the kernel. */
export interface MapEntryEvent {
  /** u64 that all entries of one `print()` have. */
  readonly token: number;
  readonly key: number;
  readonly keySize: number;
  /** The value of each possible CPU, or the only one. */
  readonly values: number;
  readonly valuesSize: number;
}

/** A range of the script's texts, in UTF-16 code units. `end` is exclusive. `from` is the call it was expanded from. */
export type SourcePlace = Span;

/** A place where something can go wrong while a program runs; how often it did is counted in the kernel. */
export interface RuntimeSite {
  readonly kind: "lost" | "map-update" | "map-delete" | "division" | "bounds" | "stack" | "helper";
  /** The helper that failed, without `bpf_`. */
  readonly helper?: string;
  readonly map?: string;
  readonly at?: SourcePlace;
  /** Index into `programs`. */
  readonly program: number;
}

/** A map of the script and how it stands in the kernel. */
export interface CompiledMap {
  readonly layout: MapLayout;
  /** Name in the collection. */
  readonly map: string;
  /** A scalar map is an array of one element: u64 at this offset is 1 once it was written. */
  readonly presentOffset?: number;
  /** Bytes of the element before that flag. */
  readonly valueSize: number;
  /** Programs read its values or delete them: it serves to compute (`@start[tid]`), and is no result. */
  readonly working?: true;
}

/** A program and what it is to be attached to. */
export interface CompiledProgram {
  /** Name in the collection. */
  readonly program: string;
  readonly provider: ProviderName;
  readonly attachments: readonly NamedAttachment[];
  /** Later attachments of the same event fire first. */
  readonly lastFiresFirst: boolean;
  /** All its attachments are one event of the kernel, and it finds out itself which of them are meant. */
  readonly oneLink: boolean;
}

/** Everything that a run needs. Events name actions by their index in `actions`. */
export interface CompiledScript {
  readonly collection: CollectionSpec;
  readonly programs: readonly CompiledProgram[];
  readonly actions: readonly Action[];
  readonly maps: readonly CompiledMap[];
  /** Paths of the files that `skboutput` writes. */
  readonly packetFiles: readonly string[];
  /** Full probe names; events and map keys hold indexes into it. */
  readonly probeNames: readonly string[];
  readonly runtimeSites: readonly RuntimeSite[];
  /** Named parameters whose values the loader writes into {@link PARAMS_MAP}: none when they were known. */
  readonly params: readonly ParamSlot[];
  readonly config: Readonly<Config>;
}
