/** Small building blocks without a platform: bytes, invariants, spelling suggestions. */
export { ByteReader, ByteWriter, concatBytes, OutOfBoundsError } from "./bytes.ts";
export { ERRNO_TEXTS, errnoNamed, errnoText, SIGNAL_TEXTS, signalNamed } from "./c-messages.ts";
export { suggestionFor, suggestionsFor } from "./did-you-mean.ts";
export { DURATION_UNITS_NS, type DurationUnit, parseDuration } from "./duration.ts";
export { alignUp, type Int, intFromWords, narrowInt, wrapInt } from "./int.ts";
export { InvariantError, invariant, unreachable } from "./invariant.ts";
export { parseShare } from "./share.ts";
export { latin1, utf8 } from "./text.ts";
export { wrapText } from "./wrap.ts";
