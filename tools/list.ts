/* Made of the folders beside it by scripts/embed-tools.mjs (npm run docs). */
import { tool as memleak } from "./memleak/tool.ts";
import { tool as opensnoop } from "./opensnoop/tool.ts";
import { tool as profile } from "./profile/tool.ts";
import { tool as runqlat } from "./runqlat/tool.ts";
import { tool as tcpaccept } from "./tcpaccept/tool.ts";
import { tool as tcpconnect } from "./tcpconnect/tool.ts";
import { tool as tcplife } from "./tcplife/tool.ts";
import type { Tool } from "./tool.ts";

/** All tools, in the order of their names. */
export const TOOLS: readonly Tool[] = [
  memleak,
  opensnoop,
  profile,
  runqlat,
  tcpaccept,
  tcpconnect,
  tcplife,
];
