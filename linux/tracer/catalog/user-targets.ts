import { accessSync, closeSync, constants, openSync, readFileSync, readlinkSync, readSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { CatalogError } from "@beetrace/compiler/target";
import { suggestionFor } from "@beetrace/std";
import { archivePath } from "./archive-path.ts";
import { findLibrary, LD_CACHE_FLAGS, parseLdCache } from "./ld-cache.ts";
import { mappedFiles, mappedFilesOfAll } from "./mapped-files.ts";
import { fileRoot } from "./mount-namespace.ts";
import { expandPath, namesIn } from "./path-pattern.ts";
import { resolveInRoot } from "./rooted-path.ts";
import { hasWildcard } from "./wildcard.ts";

/** A target that names no program or library. */
export class UserTargetError extends CatalogError {
  readonly reason: "not-found" | "not-elf";
  constructor(reason: "not-found" | "not-elf", message: string, hint?: string) {
    super(message, hint);
    this.reason = reason;
  }
}

/** A process that has yet to execute the program that it is for. */
export interface CommandProcess {
  readonly pid: number;
  /** The program's absolute path. */
  readonly program: string;
}

/** Where targets are resolved. */
export interface UserTargetOptions {
  /** The traced process: its files, its mount namespace and its $PATH count. */
  readonly pid?: number;
  /** Whose program is meant where none is named. It sees the files that we see. */
  readonly child?: CommandProcess;
  /** Also a file that is no ELF one, where the target names one. */
  readonly anyFile?: boolean;
  /** Default: $PATH of this process. */
  readonly searchPath?: string;
  /** Default: the working directory of this process. */
  readonly workingDirectory?: string;
  /** Default `/proc`. */
  readonly proc?: string;
}

/** The file system as the traced process sees it. */
interface View {
  /** Put before its paths to open them from here; empty in our own mount namespace. */
  readonly root: string;
  readonly directories: readonly string[];
  readonly workingDirectory: string;
}

/** Where loaders look without a cache, for the common distributions. */
const LIBRARY_DIRECTORIES = ["/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib"];
const MULTIARCH: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/**
 * The programs and libraries that the target of a uprobe or usdt probe means, as paths that can be opened from here:
 * a path, a path with `*`, `archive.zip!/member`, a name on $PATH (every distinct one, in the order of $PATH), `libfoo`
 * by the loader's cache, `*` for what is mapped by the process (by all processes without one), nothing for the process'
 * own program. Paths and links stay as written; in a container they are followed. Throws {@link UserTargetError}.
 */
export function resolveUserTargets(target: string, options: UserTargetOptions = {}): readonly string[] {
  const { pid, child, proc = "/proc" } = options;
  if (target === "*") return distinct(allTargets(options).filter(isElf), (path) => path);
  if (child && (target === "" || target === `/proc/${child.pid}/exe`)) return [child.program];
  if (target === "" && pid !== undefined) return [programOf(pid, proc)];
  const view = viewOf(options);
  const place = (path: string) => resolve(view.workingDirectory, path);
  const candidates = candidatesOf(target, view).map((path) =>
    view.root === "" ? path : resolveInRoot(view.root, path),
  );
  const files = candidates.filter((path) => isFile(place(archivePath(path) ?? path)));
  if (options.anyFile && files.length > 0 && !hasWildcard(target)) return files;
  const found = distinct(
    files.filter((path) => archivePath(path) !== undefined || isElf(place(path))),
    place,
  );
  if (found.length > 0 || (hasWildcard(target) && files.length === 0)) return found;
  if (files.length > 0 && !hasWildcard(target)) {
    throw new UserTargetError("not-elf", `'${target}' (${files[0]}) is not an ELF program or library`);
  }
  if (hasWildcard(target)) return [];
  throw new UserTargetError(
    "not-found",
    `target file '${target}' does not exist or is not executable`,
    didYouMean(target, view),
  );
}

/** What a command will map is not known before it runs: its program, and what any process has mapped. */
function allTargets({ pid, child, proc }: UserTargetOptions): readonly string[] {
  if (child) return [child.program, ...mappedFilesOfAll(proc)];
  return pid === undefined ? mappedFilesOfAll(proc) : mappedFiles(pid, proc);
}

function programOf(pid: number, proc: string): string {
  try {
    return fileRoot(pid, proc) + readlinkSync(`${proc}/${pid}/exe`);
  } catch {
    throw new UserTargetError("not-found", `there is no process ${pid}`);
  }
}

function viewOf(options: UserTargetOptions): View {
  const { pid, proc = "/proc", searchPath = process.env.PATH ?? "", workingDirectory = process.cwd() } = options;
  const root = pid === undefined ? "" : fileRoot(pid, proc);
  if (root === "") return { root, directories: directoriesOf(searchPath), workingDirectory };
  return { root, directories: directoriesOf(pathOf(`${proc}/${pid}/environ`)), workingDirectory: "/" };
}

function directoriesOf(searchPath: string): readonly string[] {
  return searchPath.split(":").filter((directory) => directory.startsWith("/"));
}

/** $PATH in the environment that a process was started with. */
function pathOf(environ: string): string {
  try {
    const entries = readFileSync(environ, "utf8").split("\0");
    return entries.find((entry) => entry.startsWith("PATH="))?.slice(5) ?? "";
  } catch {
    return "";
  }
}

function candidatesOf(target: string, { root, directories, workingDirectory }: View): readonly string[] {
  const written = root === "" ? target : resolve(workingDirectory, target);
  if (target.includes("/")) return hasWildcard(target) ? expandPath(written, root, workingDirectory) : [written];
  const named = [written, ...directories.map((directory) => `${directory}/${target}`)];
  if (hasWildcard(target)) return named.flatMap((path) => expandPath(path, root, workingDirectory));
  const library = target.startsWith("lib") ? findLibraryFile(target, root) : undefined;
  return library === undefined ? named : [library];
}

function findLibraryFile(name: string, root: string): string | undefined {
  const cached = fromLoaderCache(name, root);
  if (cached !== undefined) return cached;
  const multiarch = MULTIARCH[process.arch];
  const places = multiarch
    ? LIBRARY_DIRECTORIES.flatMap((place) => [`${place}/${multiarch}`, place])
    : LIBRARY_DIRECTORIES;
  const prefix = name.includes(".so") ? name : `${name}.so`;
  for (const place of places) {
    const versions = namesIn(root + place).filter((file) => file === prefix || file.startsWith(`${prefix}.`));
    // The newest version last; a bare `.so` may be a linker script, so that what is versioned comes first.
    const newest = versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
    if (newest !== undefined) return `${place}/${newest}`;
  }
  return undefined;
}

function fromLoaderCache(name: string, root: string): string | undefined {
  try {
    const entries = parseLdCache(readFileSync(`${root}/etc/ld.so.cache`));
    return entries && findLibrary(entries, name, LD_CACHE_FLAGS[process.arch] ?? 0);
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether a file is a shared object, or a program that may be executed. */
export function isElf(path: string): boolean {
  const header = Buffer.alloc(18);
  try {
    const fd = openSync(path, "r");
    try {
      if (readSync(fd, header, 0, 18, 0) < 18) return false;
    } finally {
      closeSync(fd);
    }
    if (header.readUInt32BE(0) !== 0x7f454c46) return false;
    const type = header[5] === 2 ? header.readUInt16BE(16) : header.readUInt16LE(16);
    if (type === ET_EXEC) accessSync(path, constants.X_OK);
    return type === ET_EXEC || type === ET_DYN;
  } catch {
    return false;
  }
}

const ET_EXEC = 2;
const ET_DYN = 3;

/** Each file once, under the first of its names; `place` says where a path is. */
function distinct(paths: readonly string[], place: (path: string) => string): readonly string[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    const archive = archivePath(path);
    const { dev, ino } = statSync(place(archive ?? path));
    const key = archive === undefined ? `${dev}:${ino}` : `${dev}:${ino}${path.slice(archive.length)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function didYouMean(target: string, view: View): string | undefined {
  const directories = target.includes("/") ? [dirname(resolve(view.workingDirectory, target))] : view.directories;
  const names = directories.flatMap((directory) => namesIn(view.root + directory));
  const near = suggestionFor(basename(target), names);
  if (near === undefined) return undefined;
  return `did you mean ${target.includes("/") ? `${dirname(target)}/${near}` : near}?`;
}
