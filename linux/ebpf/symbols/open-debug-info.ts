import { dirname, resolve } from "node:path";
import { type DebugInfo, type Elf, readDebugInfo, type SourceFrame } from "@beetrace/object";
import { parseElfFile } from "./elf-source.ts";
import { FileSource } from "./file-source.ts";
import { readOrUndefined } from "./read-or-undefined.ts";

/** Addresses whose places are remembered: stacks come by the same ones again and again. */
const MOST_FRAMES = 1 << 15;

/** The debug information of a program, with the files that hold parts of it. */
export class OpenDebugInfo implements Disposable {
  readonly info: DebugInfo | undefined;
  readonly #sources: FileSource[] = [];
  readonly #frames = new Map<number, SourceFrame | undefined>();

  /** `path` is the program's below `root`; `elf` is the program or its debug file, which is at `elfPath`. */
  constructor(elf: Elf, elfPath: string, path: string, root: string) {
    const open = (name: string) => this.#open(root + resolve(dirname(elfPath), name));
    this.info = readOrUndefined(() => readDebugInfo(elf, path, open));
  }

  /** Where in the source code an address of the file is; `undefined` also where that part is damaged. */
  frameAt(address: number): SourceFrame | undefined {
    const { info } = this;
    if (!info) return undefined;
    if (!this.#frames.has(address)) {
      if (this.#frames.size >= MOST_FRAMES) this.#frames.clear();
      this.#frames.set(
        address,
        readOrUndefined(() => info.frameAt(address)),
      );
    }
    return this.#frames.get(address);
  }

  [Symbol.dispose](): void {
    for (const source of this.#sources) source[Symbol.dispose]();
  }

  #open(path: string): Elf | undefined {
    return readOrUndefined(() => {
      const source = FileSource.open(path);
      this.#sources.push(source);
      return parseElfFile(source);
    });
  }
}
