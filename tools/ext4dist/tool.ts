import { latencyTool } from "../file-latency.ts";
import type { Tool } from "../tool.ts";

/** `beetrace ext4dist` */
export const tool: Tool = latencyTool("ext4");
