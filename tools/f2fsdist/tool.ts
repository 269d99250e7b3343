import { latencyTool } from "../file-latency.ts";
import type { Tool } from "../tool.ts";

/** `beetrace f2fsdist` */
export const tool: Tool = latencyTool("f2fs");
