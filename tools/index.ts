/** Ready-made tools: each is a folder with its description, its script, its README and its test. */
import { LANGUAGE_WRAPPERS } from "./language-wrappers.ts";
import { TOOLS as FOLDERS } from "./list.ts";
import type { Tool } from "./tool.ts";

export { type CompletedOption, completionScript, SHELLS } from "./completion.ts";
export { toolHelp, toolList } from "./help.ts";
export { runTool, type ToolRunOptions } from "./run-tool.ts";
export { type Tool, ToolError } from "./tool.ts";

/** All tools, also those that are others with an option given. */
export const TOOLS: readonly Tool[] = [...FOLDERS, ...LANGUAGE_WRAPPERS];
