/** One conversion of the kernel's printf, as far as bpf_trace_printk takes it: flags, width, precision, size, type. */
const CONVERSION = /%(?:%|([-0 #+]*)(\d*)(?:\.(\d+))?(hh|h|ll|l|z)?([diuxXcsp]))/g;

/** No line of the trace pipe is longer: MAX_BPRINTF_BUF in include/linux/bpf.h. */
const MAX_WIDTH = 1024;

/**
 * Formats as bpf_trace_printk does: `%d %i %u %x %X %c %s %p`, with widths and the sizes h, l and ll.
 * Source: Documentation/core-api/printk-formats.rst.
 */
export function formatPrintk(format: string, args: readonly bigint[], readString: (address: bigint) => string): string {
  let next = 0;
  return format.replace(
    CONVERSION,
    (_, flags?: string, width?: string, precision?: string, size?: string, type?: string) => {
      if (type === undefined) return "%";
      const value = args[next++] ?? 0n;
      const text =
        type === "s" ? readString(value).slice(0, Number(precision ?? MAX_WIDTH)) : number(value, type, size);
      return padded(text, flags ?? "", Math.min(Number(width), MAX_WIDTH), type);
    },
  );
}

function padded(text: string, flags: string, width: number, type: string): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0") || type === "s") return text.padStart(width);
  return text.startsWith("-") ? `-${text.slice(1).padStart(width - 1, "0")}` : text.padStart(width, "0");
}

function number(value: bigint, type: string, size: string | undefined): string {
  const bits = size === "hh" ? 8 : size === "h" ? 16 : size === undefined ? 32 : 64;
  switch (type) {
    case "d":
    case "i":
      return BigInt.asIntN(bits, value).toString();
    case "x":
      return BigInt.asUintN(bits, value).toString(16);
    case "X":
      return BigInt.asUintN(bits, value).toString(16).toUpperCase();
    case "c":
      return String.fromCharCode(Number(value & 0xffn));
    case "p":
      return BigInt.asUintN(64, value).toString(16).padStart(16, "0");
    default:
      return BigInt.asUintN(bits, value).toString();
  }
}
