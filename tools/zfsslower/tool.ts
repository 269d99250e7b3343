import { slowTool } from "../slow-files.ts";
import type { Tool } from "../tool.ts";

/** `beetrace zfsslower` */
export const tool: Tool = slowTool("zfs");
