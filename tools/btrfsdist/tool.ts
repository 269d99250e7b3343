import { latencyTool } from "../file-latency.ts";
import type { Tool } from "../tool.ts";

/** `beetrace btrfsdist` */
export const tool: Tool = latencyTool("btrfs");
