/** The texts of glibc's strerror for what BPF helpers and system calls return, by errno of include/uapi/asm-generic. */
const TEXTS: Readonly<Record<number, string>> = {
  0: "Success",
  1: "Operation not permitted",
  2: "No such file or directory",
  3: "No such process",
  4: "Interrupted system call",
  5: "Input/output error",
  7: "Argument list too long",
  9: "Bad file descriptor",
  11: "Resource temporarily unavailable",
  12: "Cannot allocate memory",
  13: "Permission denied",
  14: "Bad address",
  16: "Device or resource busy",
  17: "File exists",
  19: "No such device",
  20: "Not a directory",
  21: "Is a directory",
  22: "Invalid argument",
  28: "No space left on device",
  34: "Numerical result out of range",
  36: "File name too long",
  75: "Value too large for defined data type",
  95: "Operation not supported",
};

/** What an errno (positive) means, as C programs say it. */
export function errorText(errno: number): string {
  return TEXTS[errno] ?? `Unknown error ${errno}`;
}
