import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { Btf, BtfError, buildBtfIndex, decodeBtfIndex, encodeBtfIndex } from "@beetrace/bytecode";
import { type BootCache, openBootCache } from "./symbols/boot-cache.ts";
import { SyscallError } from "./sys/error.ts";
import { kernel } from "./sys/kernel.ts";
import { UnsupportedError } from "./unsupported-error.ts";

const BTF_DIRECTORY = "/sys/kernel/btf";

let vmlinux: Btf | undefined;
const modules = new Map<string, Btf>();

/**
 * The types of the running kernel, read once. Scanning them takes 60 ms, so their index is kept on disk until the next
 * boot. Throws `UnsupportedError` on a kernel without BTF (CONFIG_DEBUG_INFO_BTF, Linux 5.4).
 */
export function loadKernelBtf(cache?: BootCache): Btf {
  vmlinux ??= parseIndexed(readBtf("vmlinux"), cache ?? openBootCache());
  return vmlinux;
}

/** The types of a kernel module, with those of the kernel below. Requires Linux 5.11. */
export function loadModuleBtf(module: string): Btf {
  let btf = modules.get(module);
  if (btf === undefined) {
    btf = Btf.parse(readBtf(module), { base: loadKernelBtf() });
    modules.set(module, btf);
  }
  return btf;
}

function readBtf(name: string): Uint8Array {
  try {
    return fileBytes(`${BTF_DIRECTORY}/${name}`);
  } catch (cause) {
    throw new UnsupportedError(`BTF of ${name}`, name === "vmlinux" ? "5.4" : "5.11", { cause });
  }
}

/** Since Linux 6.16 vmlinux's can be mapped. Reading 5.5 MB takes 8 ms, as sysfs gives a page at a time. */
function fileBytes(path: string): Uint8Array {
  const fd = openSync(path, "r");
  try {
    return new Uint8Array(kernel.mmapFile(fd, fstatSync(fd).size).buffer); // for as long as the process lives
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function parseIndexed(bytes: Uint8Array, cache: BootCache): Btf {
  const [kind, key] = ["btf-index", String(bytes.length)]; // the catalogue keeps the same
  const kept = cache.read(kind, key);
  if (kept !== undefined) {
    try {
      return Btf.parse(bytes, { index: decodeBtfIndex(kept) });
    } catch (error) {
      if (!(error instanceof BtfError)) throw error; // a damaged file is made anew
    }
  }
  const index = buildBtfIndex(bytes);
  cache.write(kind, key, encodeBtfIndex(index));
  return Btf.parse(bytes, { index });
}
