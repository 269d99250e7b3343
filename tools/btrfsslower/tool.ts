import { slowTool } from "../slow-files.ts";
import type { Tool } from "../tool.ts";

/** `beetrace btrfsslower` */
export const tool: Tool = slowTool("btrfs");
