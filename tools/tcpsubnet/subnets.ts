/** Subnets of IPv4 as the tool is given them. */
import { isIPv4 } from "node:net";
import { ToolError } from "../tool.ts";

/** A subnet: an address belongs to it when `(address & mask) === network`. */
export interface Subnet {
  /** `10.0.0.0/8` */
  readonly text: string;
  readonly network: number;
  readonly mask: number;
}

/** `10.0.0.0/8,0.0.0.0/0`. Throws {@link ToolError}. */
export function readSubnets(list: string): readonly Subnet[] {
  return list.split(",").map((text) => readSubnet(text.trim()));
}

function readSubnet(text: string): Subnet {
  const [, address, bits] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  if (address === undefined || !isIPv4(address) || Number(bits) > 32)
    throw new ToolError(`'${text}' is no subnet of IPv4`, "write 10.0.0.0/8,192.0.2.1/32,0.0.0.0/0");
  const mask = bits === "0" ? 0 : (-1 << (32 - Number(bits))) >>> 0;
  const number = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { text, mask, network: (number & mask) >>> 0 };
}

/** A macro for the script, `macro subnet(address)`: which of the subnets is the first that has the address, or -1. */
export function subnetMacro(subnets: readonly Subnet[]): string {
  const choice = subnets.reduceRight(
    (rest, { network, mask }, index) => `(address & ${mask}) == ${network} ? ${index} : ${rest}`,
    "-1",
  );
  return `
// The first of the subnets that an address belongs to; -1 where there is none.
macro subnet(address) {
  ${choice}
}
`;
}
