/** A row of docs/language.md: one part of bpftrace's language, and what shows how far it is there. */

/** What shows that something is there: an entry of one of the compiler's tables, or a test. */
export type Evidence =
  | { readonly kind: "builtin" | "macro" | "probe" | "setting" | "option"; readonly name: string }
  | { readonly kind: "case"; readonly theme: string; readonly name: string }
  | { readonly kind: "test"; readonly file: string; readonly title: string };

/** Something without evidence cannot be said to be there. */
type Shown = readonly [Evidence, ...Evidence[]];

/** `different`: it is there and does not do the same, and `why` says how. */
export type Row = { readonly id: string; readonly what: string } & (
  | { readonly status: "supported"; readonly evidence: Shown }
  | { readonly status: "different"; readonly why: string; readonly evidence: Shown }
  | { readonly status: "not yet"; readonly why: string; readonly evidence: readonly Evidence[] }
);

/** It is there, and does what bpftrace does. */
export function supported(id: string, what: string, ...evidence: Shown): Row {
  return { id, what, status: "supported", evidence };
}

/** It is there, and does something else, or more, or less. */
export function different(id: string, what: string, why: string, ...evidence: Shown): Row {
  return { id, what, status: "different", why, evidence };
}

/** It is not there; what shows that it is refused, or what is there instead, may be named. */
export function notYet(id: string, what: string, why: string, ...evidence: readonly Evidence[]): Row {
  return { id, what, status: "not yet", why, evidence };
}

/** A builtin of the compiler. */
export const builtin = (name: string): Evidence => ({ kind: "builtin", name });
/** A macro of the standard library. */
export const macro = (name: string): Evidence => ({ kind: "macro", name });
/** A kind of probe. */
export const probe = (name: string): Evidence => ({ kind: "probe", name });
/** A key of the config block. */
export const setting = (name: string): Evidence => ({ kind: "setting", name });
/** An option of the command line, by its long name, or its letter where it has none. */
export const option = (name: string): Evidence => ({ kind: "option", name });

/** A case of tests/conformance: `theme: name`. */
export function shown(text: `${string}: ${string}`): Evidence {
  const [theme, name] = text.split(/: (.*)/s);
  return { kind: "case", theme, name };
}

/** The tests of a file, by their titles, or the titles in their table. */
export function testsOf(file: string): (title: string) => Evidence {
  return (title) => ({ kind: "test", file, title });
}
