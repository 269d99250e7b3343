import type { ToolCase } from "./tool-case.ts";
import { databaseCases } from "./tool-cases/databases.ts";
import { diskCases } from "./tool-cases/disks.ts";
import { fileCases } from "./tool-cases/files.ts";
import { kernelFunctionCases } from "./tool-cases/kernel.ts";
import { languageCases } from "./tool-cases/languages.ts";
import { memoryCases } from "./tool-cases/memory.ts";
import { networkCases } from "./tool-cases/network.ts";
import { processCases } from "./tool-cases/processes.ts";
import { programCases } from "./tool-cases/programs.ts";
import { schedulerCases } from "./tool-cases/scheduler.ts";

/** Every case is exact where the workload is; tools without one are held to their numbers by their own tests only. */
export const toolCases: readonly ToolCase[] = [
  ...processCases,
  ...fileCases,
  ...diskCases,
  ...networkCases,
  ...schedulerCases,
  ...memoryCases,
  ...databaseCases,
  ...languageCases,
  ...programCases,
  ...kernelFunctionCases,
];
