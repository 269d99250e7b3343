/** Which sockets a tool is asked for: by IP version and by port. */
import { isIP } from "node:net";
import { type Given, ToolError, type ToolOption } from "./tool.ts";

/** `-4` and `-6` */
export const FAMILY_OPTIONS: readonly ToolOption[] = [
  { long: "ipv4", letter: "4", help: "IPv4 only" },
  { long: "ipv6", letter: "6", help: "IPv6 only" },
];

/** The names of the options that hold ports. */
export interface SocketPortOptions {
  readonly local?: readonly string[];
  readonly remote?: readonly string[];
}

/**
 * A macro for a script, `macro wanted_socket(version, local, remote)`, that says whether a socket with this IP version and
 * these ports is asked for. Throws {@link ToolError}.
 */
export function socketFilter(given: Given, options: SocketPortOptions): string {
  const tests = [
    versionTest(given),
    portTest("local", portsOf(given, options.local)),
    portTest("remote", portsOf(given, options.remote)),
  ].filter((test) => test !== "");
  return `
// Whether a socket is one that the options ask for.
macro wanted_socket(version, local, remote) {
  ${tests.length === 0 ? "true" : tests.join(" && ")}
}
`;
}

/** The names of the options that hold an address. */
export interface SocketAddressOptions {
  readonly local: string;
  readonly remote: string;
}

/** A macro `wanted_addresses(sk)` for scripts that import socket.bt. Throws {@link ToolError}. */
export function addressFilter(given: Given, options: SocketAddressOptions): string {
  const tests = (["local", "remote"] as const).flatMap((end) => addressTest(given, options[end], end));
  return `
// Whether the addresses of a socket are those that the options ask for.
macro wanted_addresses(sk) {
  ${tests.length === 0 ? "true" : tests.join(" && ")}
}
`;
}

function addressTest(given: Given, option: string, end: "local" | "remote"): readonly string[] {
  const address = given.text(option);
  if (address === undefined) return [];
  const version = isIP(address);
  if (version === 0)
    throw new ToolError(`--${option}: '${address}' is not an address`, "write 192.0.2.1 or 2001:db8::1");
  return [
    `ip_version(sk) == ${version} && memcmp(${end}_ip${version}(sk), pton("${address}"), ${version === 4 ? 4 : 16}) == 0`,
  ];
}

function versionTest(given: Given): string {
  if (given.has("ipv4") && given.has("ipv6")) throw new ToolError("--ipv4 and --ipv6 exclude each other");
  return given.has("ipv4") ? "version == 4" : given.has("ipv6") ? "version == 6" : "";
}

function portTest(name: string, ports: readonly PortRange[]): string {
  const tests = ports.map(({ from, to }) =>
    from === to ? `${name} == ${from}` : `(${name} >= ${from} && ${name} <= ${to})`,
  );
  return tests.length === 0 ? "" : `(${tests.join(" || ")})`;
}

interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** The ports of options: `80,443`, `8000-8999`, or an option several times. Throws {@link ToolError}. */
function portsOf(given: Given, options: readonly string[] = []): readonly PortRange[] {
  return options.flatMap((option) =>
    given
      .list(option)
      .flatMap((text) => text.split(","))
      .map((text) => portRange(text.trim(), option)),
  );
}

function portRange(text: string, option: string): PortRange {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (from <= to && to <= 65535) return { from, to };
  throw new ToolError(`--${option}: '${text}' is not a port`, `write --${option} 443, 80,443 or 8000-8999`);
}
