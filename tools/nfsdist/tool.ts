import { latencyTool } from "../file-latency.ts";
import type { Tool } from "../tool.ts";

/** `beetrace nfsdist` */
export const tool: Tool = latencyTool("nfs");
