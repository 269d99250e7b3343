import { expect, it } from "vitest";
import { buildIdFrames } from "./build-id-stack.ts";

it("reads frames with a build id, and with an address only", () => {
  const value = new Uint8Array(2 * 32);
  const view = new DataView(value.buffer);
  view.setInt32(0, 1, true);
  value.fill(0xab, 4, 24);
  view.setBigUint64(24, 0x1126n, true);
  view.setInt32(32, 2, true);
  view.setBigUint64(32 + 24, 0x7f00_0000_1000n, true);
  expect(buildIdFrames(value)).toEqual([
    { kind: "build-id", buildId: new Uint8Array(20).fill(0xab), offset: 0x1126n },
    { kind: "address", address: 0x7f00_0000_1000n },
  ]);
});
