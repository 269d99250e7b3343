/** Calls that mount, as they would stand in C. Names and numbers: include/uapi/linux/mount.h. */
import { constants } from "node:os";
import type { Row } from "../columns.ts";

/** A call as the script tells it: its arguments as numbers, and those that are texts. */
export interface MountCall {
  readonly call: string;
  readonly ret: number;
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
}

/** Names of bits, by their value. */
type Flags = readonly (readonly [name: string, value: number])[];

const MOUNT: Flags = [
  ["MS_RDONLY", 1],
  ["MS_NOSUID", 2],
  ["MS_NODEV", 4],
  ["MS_NOEXEC", 8],
  ["MS_SYNCHRONOUS", 16],
  ["MS_REMOUNT", 32],
  ["MS_MANDLOCK", 64],
  ["MS_DIRSYNC", 128],
  ["MS_NOSYMFOLLOW", 256],
  ["MS_NOATIME", 1024],
  ["MS_NODIRATIME", 2048],
  ["MS_BIND", 4096],
  ["MS_MOVE", 8192],
  ["MS_REC", 16384],
  ["MS_SILENT", 32768],
  ["MS_POSIXACL", 2 ** 16],
  ["MS_UNBINDABLE", 2 ** 17],
  ["MS_PRIVATE", 2 ** 18],
  ["MS_SLAVE", 2 ** 19],
  ["MS_SHARED", 2 ** 20],
  ["MS_RELATIME", 2 ** 21],
  ["MS_KERNMOUNT", 2 ** 22],
  ["MS_I_VERSION", 2 ** 23],
  ["MS_STRICTATIME", 2 ** 24],
  ["MS_LAZYTIME", 2 ** 25],
  ["MS_ACTIVE", 2 ** 30],
  ["MS_NOUSER", 2 ** 31],
];

const UNMOUNT: Flags = [
  ["MNT_FORCE", 1],
  ["MNT_DETACH", 2],
  ["MNT_EXPIRE", 4],
  ["UMOUNT_NOFOLLOW", 8],
];

const ATTRIBUTES: Flags = [
  ["MOUNT_ATTR_RDONLY", 1],
  ["MOUNT_ATTR_NOSUID", 2],
  ["MOUNT_ATTR_NODEV", 4],
  ["MOUNT_ATTR_NOEXEC", 8],
  ["MOUNT_ATTR_NOATIME", 0x10],
  ["MOUNT_ATTR_STRICTATIME", 0x20],
  ["MOUNT_ATTR_NODIRATIME", 0x80],
  ["MOUNT_ATTR_IDMAP", 0x100000],
  ["MOUNT_ATTR_NOSYMFOLLOW", 0x200000],
];

const MOVE: Flags = [
  ["MOVE_MOUNT_F_SYMLINKS", 1],
  ["MOVE_MOUNT_F_AUTOMOUNTS", 2],
  ["MOVE_MOUNT_F_EMPTY_PATH", 4],
  ["MOVE_MOUNT_T_SYMLINKS", 0x10],
  ["MOVE_MOUNT_T_AUTOMOUNTS", 0x20],
  ["MOVE_MOUNT_T_EMPTY_PATH", 0x40],
  ["MOVE_MOUNT_SET_GROUP", 0x100],
  ["MOVE_MOUNT_BENEATH", 0x200],
];

const COMMANDS = [
  ...["FSCONFIG_SET_FLAG", "FSCONFIG_SET_STRING", "FSCONFIG_SET_BINARY", "FSCONFIG_SET_PATH"],
  ...["FSCONFIG_SET_PATH_EMPTY", "FSCONFIG_SET_FD", "FSCONFIG_CMD_CREATE", "FSCONFIG_CMD_RECONFIGURE"],
  "FSCONFIG_CMD_CREATE_EXCL",
];

/** The fields of a call, by the names of its parameters. */
export function callFields({ call, numbers: [a = 0, b = 0, c = 0, d = 0, e = 0], texts }: MountCall): Row {
  const [first = "", second = "", third = "", fourth = ""] = texts;
  switch (call) {
    case "mount":
      return { source: first, target: second, type: third, flags: mountFlags(d), data: fourth };
    case "umount":
      return { target: first, flags: flagsText(UNMOUNT, b) };
    case "fsopen":
      return { type: first, flags: flagsText([["FSOPEN_CLOEXEC", 1]], b) };
    case "fsconfig":
      return { fd: int(a), cmd: COMMANDS[b] ?? hex(b), key: first, value: second, aux: int(e) };
    case "fsmount":
      return { fs_fd: int(a), flags: flagsText([["FSMOUNT_CLOEXEC", 1]], b), attr_flags: flagsText(ATTRIBUTES, c) };
    default:
      return { from_dfd: folder(a), from_path: first, to_dfd: folder(c), to_path: second, flags: flagsText(MOVE, e) };
  }
}

const QUOTED = new Set(["source", "target", "type", "data", "key", "value", "from_path", "to_path"]);

/** `umount("/mnt", MNT_DETACH) = 0` */
export function callText(call: MountCall): string {
  const fields = Object.entries(callFields(call));
  const words = fields.map(([name, value]) => (QUOTED.has(name) ? quoted(String(value)) : String(value)));
  return `${call.call}(${words.join(", ")}) = ${resultText(call.ret)}`;
}

/** A number, or `-` and the name of an error. */
export function resultText(ret: number): string {
  const name = Object.entries(constants.errno).find(([, number]) => number === -ret)?.[0];
  return ret < 0 && name !== undefined ? `-${name}` : String(ret);
}

function flagsText(flags: Flags, value: number): string {
  const bits = BigInt.asUintN(32, BigInt(value));
  const names = flags.filter(([, bit]) => (bits & BigInt(bit)) !== 0n);
  const rest = names.reduce((left, [, bit]) => left & ~BigInt(bit), bits);
  return [
    ...names.map(([name]) => name),
    ...(rest !== 0n || names.length === 0 ? [`0x${rest.toString(16)}`] : []),
  ].join("|");
}

/** Programs of before 1997 put a number into the upper half. */
function mountFlags(value: number): string {
  const isMagic = Math.floor(value / 2 ** 16) % 2 ** 16 === 0xc0ed;
  return isMagic ? `MS_MGC_VAL|${flagsText(MOUNT, value % 2 ** 16)}` : flagsText(MOUNT, value);
}

function int(value: number): number {
  return value | 0;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

const AT_FDCWD = -100;

function folder(value: number): string {
  return int(value) === AT_FDCWD ? "AT_FDCWD" : String(int(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  '"': '\\"',
  "\\": "\\\\",
};

function quoted(text: string): string {
  const bytes = Buffer.from(text).toString("latin1");
  const escaped = bytes.replace(
    /[^ !#-[\]-~]/g,
    (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}
