/** All kinds of probes. A new one is a file and a line here. */
import { kprobe, kretprobe } from "./functions.ts";
import type { Provider } from "./provider.ts";
import { begin, bench, end, self, test } from "./special.ts";
import { hardware, interval, profile, software, watchpoint } from "./timers.ts";
import { iter, rawtracepoint, tracepoint } from "./tracepoints.ts";
import { fentry, fexit, fmodRet } from "./trampolines.ts";
import { uprobe, uretprobe, usdt } from "./user.ts";

/** Every provider once, whatever its aliases: {@link findProvider} knows those. */
export const PROVIDERS: readonly Provider[] = [
  begin,
  end,
  self,
  test,
  bench,
  kprobe,
  kretprobe,
  fentry,
  fexit,
  fmodRet,
  tracepoint,
  rawtracepoint,
  uprobe,
  uretprobe,
  usdt,
  profile,
  interval,
  software,
  hardware,
  watchpoint,
  iter,
];

/** A provider by its name or an alias, in any case of letters. */
export function findProvider(text: string): Provider | undefined {
  const lower = text.toLowerCase();
  return (
    PROVIDERS.find((provider) => provider.aliases.includes(text)) ??
    PROVIDERS.find(
      (provider) => provider.name === lower || provider.aliases.some((alias) => alias.toLowerCase() === lower),
    )
  );
}

export type { ExpandInput, Expansion, Provider } from "./provider.ts";
export { hasWildcard, parseDuration, parseNumber } from "./provider.ts";
