import { slowTool } from "../slow-files.ts";
import type { Tool } from "../tool.ts";

/** `beetrace ext4slower` */
export const tool: Tool = slowTool("ext4");
