// Error numbers that helpers return negated. Source: include/uapi/asm-generic/errno-base.h.
export const ENOENT = 2;
export const E2BIG = 7;
export const EAGAIN = 11;
export const EFAULT = 14;
export const EEXIST = 17;
export const EINVAL = 22;
// Source: include/uapi/asm-generic/errno.h; "math result not representable".
export const ERANGE = 34;
