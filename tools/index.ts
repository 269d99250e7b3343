/** Ready-made tools: each is a folder with its description, its script, its README and its test. */
export { type CompletedOption, completionScript, SHELLS } from "./completion.ts";
export { toolHelp, toolList } from "./help.ts";
export { TOOLS } from "./list.ts";
export { runTool, type ToolRunOptions } from "./run-tool.ts";
export { type Tool, ToolError } from "./tool.ts";
