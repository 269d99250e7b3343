import { expect, it } from "vitest";
import { compiled, errorsOf } from "../testing/index.ts";

const PROBE = "struct sk_buff { int len; } rawtracepoint:sched_switch";
const SKB = "(struct sk_buff *)arg0";

it("files are made once each, and packets come through an array of perf events", () => {
  const { collection, packetFiles } = compiled(
    `${PROBE} { skboutput("a", ${SKB}, 9, 0); skboutput("b", ${SKB}, 9, 0); $r = skboutput("a", ${SKB}, 9, 0); print($r); }`,
  );
  expect(packetFiles).toEqual(["a", "b"]);
  expect(collection.maps.find(({ name }) => name === "packets")).toEqual({
    name: "packets",
    type: "BPF_MAP_TYPE_PERF_EVENT_ARRAY",
    keySize: 4,
    valueSize: 4,
    maxEntries: 2,
  });
});

it("a script without packets has neither", () => {
  const { collection, packetFiles } = compiled(`${PROBE} { print(1); }`);
  expect(packetFiles).toEqual([]);
  expect(collection.maps.map(({ name }) => name)).not.toContain("packets");
});

it.each([
  [`${PROBE} { skboutput("a", ${SKB}, 9); }`, "skboutput() requires 4 arguments (3 provided)"],
  [`${PROBE} { skboutput("a", 1, 9, 0); }`, "skboutput() expects a 'struct sk_buff *' (int8 provided)"],
  [`${PROBE} { skboutput("a", ${SKB}, "b", 0); }`, "skboutput() expects an integer as the length (string[2] provided)"],
  [
    `${PROBE} { skboutput("a", ${SKB}, 9, comm); }`,
    "skboutput() expects an integer as the offset (string[16] provided)",
  ],
  ['kprobe:vfs_read { skboutput("a", arg0, 9, 0); }', 'skboutput can not be used with "kprobe" probes'],
])("%s", (script, message) => expect(errorsOf(script)).toEqual([message]));
