import { Btf, BtfWriter } from "@beetrace/bytecode";
import { expect, test } from "vitest";
import { CTypes, findField } from "./c-types.ts";
import type { StructType, Type } from "./types.ts";

const KERNEL = new BtfWriter();
const INT = KERNEL.add({ kind: "int", name: "int", size: 4, bits: 32, signed: true, char: false, bool: false });
const DECLARED = KERNEL.add({ kind: "fwd", name: "device", union: false });
const POINTER = KERNEL.add({ kind: "ptr", to: DECLARED });
const TAKES = KERNEL.add({ kind: "func_proto", params: [{ name: "d", type: POINTER }], result: INT, variadic: false });
KERNEL.add({ kind: "func", name: "probe", proto: TAKES, linkage: "static" });
const kernelBytes = KERNEL.encode();
const kernel = Btf.parse(kernelBytes);

/** A module that defines what the kernel declares, and has a function of a name that the kernel has too. */
function moduleBtf(): Btf {
  const first = kernel.typeCount;
  const writer = new BtfWriter();
  writer.add({ kind: "struct", name: "device", size: 8, members: [{ name: "id", type: INT, bitOffset: 32 }] });
  writer.add({ kind: "func_proto", params: [], result: 0, variadic: false });
  writer.add({ kind: "func", name: "probe", proto: first + 1, linkage: "static" });
  return Btf.parse(onTopOf(kernelBytes, writer.encode()), { base: kernel });
}

/** String offsets go on where those of the base end. */
function onTopOf(base: Uint8Array, own: Uint8Array): Uint8Array {
  const baseStrings = new DataView(base.buffer, base.byteOffset).getUint32(20, true);
  const view = new DataView(own.buffer, own.byteOffset);
  for (const record of [0, 6, 9]) {
    const at = 24 + record * 4;
    const name = view.getUint32(at, true);
    if (name !== 0) view.setUint32(at, name + baseStrings, true);
  }
  view.setUint32(24 + 3 * 4, view.getUint32(24 + 3 * 4, true) + baseStrings, true);
  return own;
}

function pointee(type: Type | undefined): Type | undefined {
  return type?.kind === "pointer" ? type.to : undefined;
}

const fieldOffset = (type: Type | undefined, name: string) => findField(type as StructType, name)?.offsetBytes;

test("what the kernel declares is defined by a module that the script comes to", () => {
  const types = new CTypes({ btf: kernel, moduleBtf }, []);
  expect(types.struct("device")).toBeUndefined();
  types.reachModule("driver");
  expect(fieldOffset(types.struct("device"), "id")).toBe(4);
  const [param] = types.kernel?.prototype("probe")?.params ?? [];
  expect(fieldOffset(pointee(param?.type), "id")).toBe(4);
});

test("a module's function comes before the kernel's of the same name", () => {
  const types = new CTypes({ btf: kernel, moduleBtf }, []);
  expect(types.ofModule()?.prototype("probe")?.params.length).toBe(1);
  expect(types.ofModule("driver")?.prototype("probe")?.params.length).toBe(0);
});

test("a module without types has the kernel's", () => {
  const types = new CTypes({ btf: kernel, moduleBtf: () => undefined }, []);
  expect(types.ofModule("driver")?.prototype("probe")?.params.length).toBe(1);
});
