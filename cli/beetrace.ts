/** What the bundle starts with. */
import { main } from "./main.ts";
import { commandName, nameProcess } from "./process-name.ts";

/** start.cjs asks it, to know whether V8's code cache would hold what a trace needs. */
export { hasTraced } from "./has-traced.ts";

const argv = process.argv.slice(2);
const name = commandName(process.argv[1]);
nameProcess(name, argv);
main(argv, name).then(
  // Whatever is still open (a watched descriptor, a timer) must not keep the process.
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);
