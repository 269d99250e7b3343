import type { Section } from "./elf-headers.ts";
import type { SymbolRows } from "./symbol-rows.ts";

/** Symbols in the order of their addresses. */
export interface AddressIndex {
  /** The row of the symbol that holds `address`, or -1. */
  find(address: number): number;
}

const SHN_ABS = 0xfff1;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const STT_TLS = 6;
const STT_IFUNC = 10;
const STB_GLOBAL = 1;
const STB_WEAK = 2;

/** Sorts the symbols that have an address. */
export function buildAddressIndex(rows: SymbolRows, sections: readonly Section[]): AddressIndex {
  const order = sortedRows(rows);
  // The furthest end of all symbols up to each place: it tells how far back a search must go where symbols nest.
  const reach = new Float64Array(order.length);
  let furthest = 0;
  order.forEach((row, place) => {
    furthest = Math.max(furthest, rows.address[row] + rows.sizeBytes[row]);
    reach[place] = furthest;
  });
  return {
    find(address) {
      const last = lastAtOrBefore(rows.address, order, address);
      for (let place = last; place >= 0 && reach[place] > address; place--) {
        const row = order[place];
        if (address < rows.address[row] + rows.sizeBytes[row]) return row;
      }
      return last >= 0 && reachesUnsized(rows, order[last], address, sections) ? order[last] : -1;
    },
  };
}

function sortedRows(rows: SymbolRows): Uint32Array {
  const order = new Uint32Array(rows.count);
  let count = 0;
  for (let row = 0; row < rows.count; row++) {
    if (rows.sectionIndex[row] !== SHN_ABS && (rows.info[row] & 15) !== STT_TLS) order[count++] = row;
  }
  // Searches go backwards, so of those that start together the preferred one, then the first in the file, comes last.
  return order
    .subarray(0, count)
    .sort((a, b) => rows.address[a] - rows.address[b] || preference(rows, a) - preference(rows, b) || b - a);
}

function preference(rows: SymbolRows, row: number): number {
  const type = rows.info[row] & 15;
  const bind = rows.info[row] >> 4;
  const byType = type === STT_FUNC || type === STT_IFUNC ? 2 : type === STT_OBJECT ? 1 : 0;
  const byBind = bind === STB_GLOBAL ? 2 : bind === STB_WEAK ? 1 : 0;
  return (rows.sizeBytes[row] > 0 ? 16 : 0) + byType * 4 + byBind;
}

function lastAtOrBefore(addresses: Float64Array, order: Uint32Array, address: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (addresses[order[middle]] <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Hand-written assembly often leaves the size out: such a symbol goes on to the end of its section. */
function reachesUnsized(rows: SymbolRows, row: number, address: number, sections: readonly Section[]): boolean {
  if (rows.sizeBytes[row] > 0) return false;
  const section = sections[rows.sectionIndex[row]];
  return section !== undefined && address >= section.address && address - section.address < section.sizeBytes;
}
