/** All rows of docs/language.md. */
import type { Row } from "../row.ts";
import { AGGREGATIONS } from "./aggregations.ts";
import { COMMAND } from "./command.ts";
import { EXPRESSIONS } from "./expressions.ts";
import { FUNCTIONS } from "./functions.ts";
import { JSON_OUTPUT } from "./json-output.ts";
import { NUMBERS_AND_TEXT } from "./numbers-and-text.ts";
import { PROBES } from "./probes.ts";
import { PROGRAMS } from "./programs.ts";
import { RUNNING } from "./running.ts";
import { SETTINGS } from "./settings.ts";
import { TEXT_OUTPUT } from "./text-output.ts";
import { TYPES } from "./types.ts";
import { VALUES } from "./values.ts";
import { VARIABLES } from "./variables.ts";

/** One for each part of the language. */
export const ROWS: readonly Row[] = [
  ...PROGRAMS,
  ...PROBES,
  ...VALUES,
  ...FUNCTIONS,
  ...AGGREGATIONS,
  ...EXPRESSIONS,
  ...TYPES,
  ...VARIABLES,
  ...SETTINGS,
  ...NUMBERS_AND_TEXT,
  ...TEXT_OUTPUT,
  ...JSON_OUTPUT,
  ...RUNNING,
  ...COMMAND,
];
