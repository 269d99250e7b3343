import { type Column, secondsColumn } from "../columns.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";
import { milliseconds } from "../units.ts";

/** Bytes of a call that are shown. */
const BUFFER_BYTES = 8192;

/** `beetrace sslsniff` */
export const tool: Tool = {
  name: "sslsniff",
  summary: "what programs send and receive through TLS, in plain text",
  group: "network",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "uid", letter: "u", argument: "USER", help: "processes of this user only, by number or name" },
    { long: "extra", letter: "x", help: "user and thread" },
    { long: "comm", letter: "c", argument: "NAME", help: "only tasks of exactly this name" },
    { long: "no-openssl", letter: "o", help: "without OpenSSL" },
    { long: "no-gnutls", letter: "g", help: "without GnuTLS" },
    { long: "no-nss", letter: "n", help: "without NSS" },
    { long: "debug", letter: "d", help: "print the script first" },
    { long: "hexdump", help: "data as hexadecimal digits, which is exact" },
    { long: "max-buffer-size", argument: "BYTES", kind: "int", help: `so much of a call; default ${BUFFER_BYTES}` },
    { long: "latency", letter: "l", help: "how long calls take" },
    { long: "handshake", help: "with --latency: handshakes" },
    {
      long: "extra-lib",
      argument: "KIND:FILE",
      kind: "list",
      help: "a library or program too: openssl:/usr/bin/node, gnutls:…, nss:…",
    },
  ],
  examples: [
    ["beetrace sslsniff -p 4321", "of a process"],
    ["beetrace sslsniff -c curl --hexdump", "of a command, exactly"],
    ["beetrace sslsniff -l --handshake", "with times, those of handshakes too"],
    ["beetrace sslsniff --extra-lib openssl:/usr/bin/node", "of a program that has OpenSSL in it"],
  ],
  hooks:
    "uprobe and uretprobe libssl:SSL_{read,write}[_ex], SSL_do_handshake; libgnutls:gnutls_record_{recv,send}, " +
    "gnutls_handshake; libnspr4:PR_{Read,Recv,Send,Write}",
  plan,
};

/** The kinds of libraries, with the name of the file and a function that it must have. */
const KINDS = {
  openssl: { library: "ssl", function: "SSL_write" },
  gnutls: { library: "gnutls", function: "gnutls_record_send" },
  nss: { library: "nspr4", function: "PR_Write" },
} as const;

type Kind = keyof typeof KINDS;

function plan(given: Given, machine: Machine): Plan {
  const bytes = given.int("max-buffer-size") ?? BUFFER_BYTES;
  if (bytes < 1) throw new ToolError("--max-buffer-size: at least 1");
  const pid = given.int("pid");
  const script = TOOL_SCRIPTS["sslsniff/sslsniff.bt"] + libraries(given, machine).join("");
  return {
    script,
    params: { comm: given.text("comm") ?? "" },
    // A text of bytes has four more for its length; old libraries do not have all functions.
    config: { max_strlen: bytes + 4, missing_probes: "ignore" },
    ...(pid === undefined ? {} : { pid }),
    ...(given.has("debug") ? { intro: script } : {}),
    toRow: (record) => plainRow(record, given.has("hexdump")),
    columns: columns(given),
    below: (row) => dataBlock(row, given.has("hexdump")),
  };
}

/** The scripts of all libraries that are there. */
function libraries(given: Given, machine: Machine): readonly string[] {
  const own = (Object.keys(KINDS) as Kind[]).filter((kind) => !given.has(`no-${kind}`));
  const found = own.flatMap((kind) => {
    const file = libraryFile(machine, KINDS[kind].library);
    return file === undefined ? [] : [libraryScript(given, machine, kind, file)];
  });
  const extra = given.list("extra-lib").map((text) => extraScript(given, machine, text));
  if (found.length + extra.length === 0)
    throw new ToolError(
      "there is none of the libraries libssl, libgnutls and libnspr4",
      "name a file with --extra-lib",
    );
  return [...found, ...extra];
}

function libraryFile(machine: Machine, library: string): string | undefined {
  try {
    return machine.binary(library);
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

function extraScript(given: Given, machine: Machine, text: string): string {
  const [, name, file] = /^([^:]*):(.+)$/.exec(text) ?? [];
  const kind = (Object.keys(KINDS) as Kind[]).find((each) => each === name);
  if (kind === undefined || file === undefined)
    throw new ToolError(`--extra-lib: '${text}' is no kind and file`, "write openssl:/usr/bin/node, gnutls:… or nss:…");
  return libraryScript(given, machine, kind, machine.binary(file));
}

function libraryScript(given: Given, machine: Machine, kind: Kind, file: string): string {
  const needed = KINDS[kind].function;
  if (machine.userFunctions(file, needed).length === 0) throw new ToolError(`${file} has no function ${needed}`);
  const handshakes = given.has("latency") && given.has("handshake");
  const script =
    TOOL_SCRIPTS[`sslsniff/${kind}.bt`] + (handshakes ? (TOOL_SCRIPTS[`sslsniff/${kind}-handshake.bt`] ?? "") : "");
  return script.replaceAll("LIBRARY", file);
}

/** With the data as text, and how many of the bytes are missing in it. */
function plainRow({ bytes, ...rest }: Row, isHex: boolean): Row {
  const data = Uint8Array.from((bytes ?? []) as readonly number[]);
  const text = isHex ? Buffer.from(data).toString("hex") : new TextDecoder().decode(data);
  return { ...rest, lost: Number(rest.len) - data.length, data: text };
}

function columns(given: Given): readonly Column[] {
  return [
    { title: "FUNC", field: "func", width: -12 },
    secondsColumn("TIME(s)", "ns", -18, 9),
    { title: "COMM", field: "comm", width: -16 },
    { title: "PID", field: "pid", width: -7 },
    { title: "LEN", field: "len", width: -7 },
    ...(given.has("extra")
      ? [
          { title: "UID", field: "uid", width: -7 },
          { title: "TID", field: "tid", width: -7 },
        ]
      : []),
    ...(given.has("latency") ? [{ title: "LAT(ms)", field: "latency_ns", width: -7, text: milliseconds(3) }] : []),
  ];
}

const HEX_LINE = /.{1,32}/g;

function dataBlock({ data, lost }: Row, isHex: boolean): string {
  if (data === "") return "";
  const missing = Number(lost) > 0 ? `(TRUNCATED, ${lost} bytes lost) ` : "";
  const text = isHex ? String(data).match(HEX_LINE)?.join("\n") : data;
  return `----- DATA -----\n${text}\n----- END DATA ${missing}-----\n\n`;
}
