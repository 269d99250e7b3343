import { existsSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import type { Arch, ReadInclude } from "@beetrace/compiler";

/** Where headers are looked for. */
export interface HeaderSearch {
  readonly arch: Arch;
  /** Those of `-I`, which come first. */
  readonly includeDirs?: readonly string[];
  /** The script's file: `#include "x.h"` in it is beside it, or in the working directory. */
  readonly scriptPath?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The folders of a kernel's tree, in the order of the kernel's own makefile (USERINCLUDE and LINUXINCLUDE). */
const KERNEL_FOLDERS = ["arch/ARCH/include", "arch/ARCH/include/generated", "include", "arch/ARCH/include/uapi"].concat(
  ["arch/ARCH/include/generated/uapi", "include/uapi", "include/generated/uapi"],
);
const KERNEL_ARCHES: Readonly<Record<Arch, string>> = { x86_64: "x86", aarch64: "arm64" };

/** Finds headers as a C compiler on this machine would. The folders are looked up at the first header. */
export function headerReader(search: HeaderSearch): ReadInclude {
  let system: readonly string[] | undefined;
  return (path, isSystem, from) => {
    system ??= [...(search.includeDirs ?? []), ...kernelFolders(search), ...libraryFolders(search.arch)];
    const own = isSystem ? [] : [from === undefined ? dirname(search.scriptPath ?? ".") : dirname(from), "."];
    const folders = path.startsWith("/") ? ["/"] : [...own, ...system];
    for (const folder of folders) {
      const text = readHeader(join(folder, path));
      if (text !== undefined) return { path: join(folder, path), text };
    }
    return undefined;
  };
}

/** What is no file, or cannot be read, is passed over, as compilers do. */
function readHeader(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function libraryFolders(arch: Arch): string[] {
  return ["/usr/local/include", `/usr/include/${arch}-linux-gnu`, "/usr/include"];
}

/** The headers of the running kernel, where they are installed, or of one that the environment names. */
function kernelFolders({ arch, environment = {} }: HeaderSearch): string[] {
  const modules = `/lib/modules/${release()}`;
  const build = environment.BPFTRACE_KERNEL_BUILD ?? `${modules}/build`;
  const source = environment.BPFTRACE_KERNEL_SOURCE ?? `${modules}/source`;
  return [...new Set([source, build])].flatMap((tree) =>
    KERNEL_FOLDERS.map((folder) => join(tree, folder.replace("ARCH", KERNEL_ARCHES[arch]))).filter((each) =>
      existsSync(each),
    ),
  );
}
