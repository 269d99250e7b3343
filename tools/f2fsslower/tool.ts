import { slowTool } from "../slow-files.ts";
import type { Tool } from "../tool.ts";

/** `beetrace f2fsslower` */
export const tool: Tool = slowTool("f2fs", "s");
