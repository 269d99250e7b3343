import { latencyTool } from "../file-latency.ts";
import type { Tool } from "../tool.ts";

/** `beetrace xfsdist` */
export const tool: Tool = latencyTool("xfs");
