/** A function that a JIT compiler has told perf about. */
export interface PerfMapEntry {
  readonly name: string;
  readonly address: number;
  readonly sizeBytes: number;
}

/** The functions of `/tmp/perf-PID.map`. */
export interface PerfMap {
  readonly count: number;
  /** The function at `address`; where code was written over older code, the one that came last. */
  findByAddress(address: number): { readonly entry: PerfMapEntry; readonly offset: number } | undefined;
}

/**
 * Parses the map that JIT compilers write for perf: lines `START SIZE name`, the numbers in hexadecimal (Linux,
 * tools/perf/Documentation/jit-interface.txt). Lines of another form, such as one only half written, are left out.
 */
export function parsePerfMap(text: string): PerfMap {
  const entries: PerfMapEntry[] = [];
  for (const line of text.split("\n")) {
    const match = /^(?:0x)?([0-9a-f]{1,13}) +(?:0x)?([0-9a-f]{1,13}) +(.*\S)/i.exec(line);
    if (match === null) continue;
    entries.push({ name: match[3], address: Number.parseInt(match[1], 16), sizeBytes: Number.parseInt(match[2], 16) });
  }
  const order = Uint32Array.from(entries.keys()).sort((a, b) => entries[a].address - entries[b].address || a - b);
  const reach = furthestEnds(entries, order);
  return {
    count: entries.length,
    findByAddress(address) {
      let found = -1;
      for (let place = lastAtOrBefore(entries, order, address); place >= 0 && reach[place] > address; place--) {
        const index = order[place];
        if (index > found && address < entries[index].address + entries[index].sizeBytes) found = index;
      }
      return found < 0 ? undefined : { entry: entries[found], offset: address - entries[found].address };
    },
  };
}

/** The furthest end of all entries up to each place: it tells how far back a search must go. */
function furthestEnds(entries: readonly PerfMapEntry[], order: Uint32Array): Float64Array {
  const reach = new Float64Array(order.length);
  let furthest = 0;
  order.forEach((index, place) => {
    furthest = Math.max(furthest, entries[index].address + entries[index].sizeBytes);
    reach[place] = furthest;
  });
  return reach;
}

function lastAtOrBefore(entries: readonly PerfMapEntry[], order: Uint32Array, address: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[order[middle]].address <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
