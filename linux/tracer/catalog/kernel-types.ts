import { readdirSync, readFileSync } from "node:fs";
import { Btf, type BtfNamedKind } from "@beetrace/bytecode";
import { CatalogError } from "@beetrace/compiler/target";
import { loadKernelBtf, loadModuleBtf, UnsupportedError } from "@beetrace/ebpf";
import type { BootCache } from "@beetrace/ebpf/symbols";
import { bytesSource, parseElf } from "@beetrace/object";

const BTF_DIRECTORY = "/sys/kernel/btf";

/** From this many questions on, one pass over all names is quicker than a look-up for each. */
const MANY_QUESTIONS = 2000;

/** The types of the kernel or of one of its modules. */
export interface ModuleTypes {
  /** `vmlinux` for the kernel itself. */
  readonly module: string;
  readonly btf: Btf;
}

/**
 * Type information of the running kernel, below /sys/kernel/btf: requires Linux 5.2 and CONFIG_DEBUG_INFO_BTF, for modules
 * 5.11. Or that of a file, which knows no modules.
 */
export class KernelTypes {
  readonly #cache: BootCache | undefined;
  readonly #file: string | undefined;
  #vmlinux: { readonly btf: Btf | undefined } | undefined;
  #modules: readonly ModuleTypes[] | undefined;
  #functionNames: ReadonlySet<string> | undefined;
  #questions = 0;

  /** `cache` keeps the index of the types for the boot; by default the one of the machine. */
  constructor(cache?: BootCache, file?: string) {
    this.#cache = cache;
    this.#file = file;
  }

  /** The kernel's own types; `undefined` where it has none. Throws `BtfError` when they are malformed. */
  get vmlinux(): Btf | undefined {
    this.#vmlinux ??= { btf: this.#file ? readTypes(this.#file) : ifThere(() => loadKernelBtf(this.#cache)) };
    return this.#vmlinux.btf;
  }

  /** Whether the kernel's own types have a function of that name. */
  describesFunction(name: string): boolean {
    const btf = this.vmlinux;
    if (!btf) return false;
    if (++this.#questions > MANY_QUESTIONS) this.#functionNames ??= new Set(btf.names("func"));
    return this.#functionNames ? this.#functionNames.has(name) : btf.findType("func", name) !== undefined;
  }

  /** The types of every module, each on top of the kernel's, sorted by module. */
  get modules(): readonly ModuleTypes[] {
    this.#modules ??= this.#loadModules();
    return this.#modules;
  }

  /** The kernel's types, then those of its modules. */
  *all(): Iterable<ModuleTypes> {
    const btf = this.vmlinux;
    if (!btf) return;
    yield { module: "vmlinux", btf };
    yield* this.modules;
  }

  /** The names of that kind, of the kernel and of its modules, each once a module. */
  *names(kind: BtfNamedKind): Iterable<{ readonly name: string; readonly module: string }> {
    const base = this.vmlinux;
    if (!base) return;
    for (const name of base.names(kind)) yield { name, module: "vmlinux" };
    for (const { module, btf } of this.modules) {
      // Ids below the base's count are the kernel's own types.
      for (let id = base.typeCount; id < btf.typeCount; id++) {
        const type = btf.type(id);
        if (type.kind === kind && type.name !== "") yield { name: type.name, module };
      }
    }
  }

  /** The types of one module. */
  of(module: string): Btf | undefined {
    if (module === "vmlinux") return this.vmlinux;
    if (this.#modules) return this.#modules.find((entry) => entry.module === module)?.btf;
    return this.vmlinux && !this.#file && /^\w+$/.test(module) ? ifThere(() => loadModuleBtf(module)) : undefined;
  }

  #loadModules(): readonly ModuleTypes[] {
    if (!this.vmlinux || this.#file) return [];
    const names = readdirSync(BTF_DIRECTORY).filter((name) => name !== "vmlinux");
    return names.sort().flatMap((module) => {
      // A module may be unloaded between the listing and the reading.
      const btf = ifThere(() => loadModuleBtf(module));
      return btf ? [{ module, btf }] : [];
    });
  }
}

/** The types of a file: BTF as the kernel shows its own, or an ELF file with a section of it. Throws {@link CatalogError}. */
function readTypes(path: string): Btf {
  try {
    const bytes = readFileSync(path);
    if (bytes.toString("latin1", 0, 4) !== "\x7fELF") return Btf.parse(bytes);
    const elf = parseElf(bytesSource(bytes));
    const section = elf.section(".BTF");
    if (section) return Btf.parse(elf.data(section));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new CatalogError(`BPFTRACE_BTF: no types can be read from ${path}: ${cause.message}`, undefined, { cause });
  }
  throw new CatalogError(`BPFTRACE_BTF: ${path} has no section .BTF`);
}

function ifThere(load: () => Btf): Btf | undefined {
  try {
    return load();
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}
