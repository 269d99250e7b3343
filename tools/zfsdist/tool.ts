import { latencyTool } from "../file-latency.ts";
import type { Tool } from "../tool.ts";

/** `beetrace zfsdist` */
export const tool: Tool = latencyTool("zfs");
