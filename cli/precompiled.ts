/** What the bundle of compiled scripts starts with: `node precompiled.cjs FILE ARGUMENT…`. */
import { basename } from "node:path";
import { precompiledCommand } from "./precompiled-command.ts";
import { nameProcess } from "./process-name.ts";

const [path = "", ...argv] = process.argv.slice(2);
nameProcess(basename(path), argv);
precompiledCommand(path, argv).then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);
