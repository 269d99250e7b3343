import { slowTool } from "../slow-files.ts";
import type { Tool } from "../tool.ts";

/** `beetrace xfsslower` */
export const tool: Tool = slowTool("xfs");
