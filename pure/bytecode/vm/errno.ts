// Error numbers that helpers return negated. Source: include/uapi/asm-generic/errno-base.h.
/** There is no element with this key. */
export const ENOENT = 2;
/** A map is full, an index of an array is too high, or a loop would take more rounds than the kernel allows. */
export const E2BIG = 7;
/** A ring buffer has no room for the event. */
export const EAGAIN = 11;
/** An address cannot be read, or there is no stack to be had. */
export const EFAULT = 14;
/** There is such an element already, or a map of stacks has no bucket left. */
export const EEXIST = 17;
/** An argument of a helper is not one of those it takes. */
export const EINVAL = 22;
// Source: include/uapi/asm-generic/errno.h; "math result not representable".
/** An address that is read as a kernel one is not in the kernel's half. */
export const ERANGE = 34;
