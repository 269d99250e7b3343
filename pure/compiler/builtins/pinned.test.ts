import { expect, it } from "vitest";
import { compiled, errorsOf } from "../testing/index.ts";

const pinnedMaps = (script: string) =>
  compiled(script).collection.maps.filter(({ pinnedAt }) => pinnedAt !== undefined);

it("maps are opened once each, below /sys/fs/bpf where their path is relative", () => {
  expect(
    pinnedMaps(
      'begin { print(has_pinned_key("a", pid) || has_pinned_key("/b/c", 1) || has_pinned_key("/sys/fs/bpf/a", 2)); }',
    ),
  ).toEqual([
    { name: "pinned_0", type: "BPF_MAP_TYPE_HASH", keySize: 8, valueSize: 8, maxEntries: 1, pinnedAt: "/sys/fs/bpf/a" },
    { name: "pinned_1", type: "BPF_MAP_TYPE_HASH", keySize: 8, valueSize: 8, maxEntries: 1, pinnedAt: "/b/c" },
  ]);
});

it("a map that cannot be asked need not be there", () => {
  expect(
    pinnedMaps('begin { if (getopt("m", "") == "" || has_pinned_key(getopt("m", ""), 5)) { print(1); } }'),
  ).toEqual([]);
});

it.each([
  ['begin { has_pinned_key("a"); }', "has_pinned_key() requires 2 arguments (1 provided)"],
  ["begin { print(has_pinned_key(comm, 1)); }", "has_pinned_key() expects a string literal (string[16] provided)"],
  [
    'begin { print(has_pinned_key("a", comm)); }',
    "has_pinned_key() expects an integer as the key (string[16] provided)",
  ],
])("%s", (script, message) => expect(errorsOf(script)).toEqual([message]));
