import { slowTool } from "../slow-files.ts";
import type { Tool } from "../tool.ts";

/** `beetrace nfsslower` */
export const tool: Tool = slowTool("nfs");
