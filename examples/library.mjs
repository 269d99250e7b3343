// What a command opens and how long its reads take, as objects: sudo node examples/library.mjs
import { ScriptError, trace } from "beetrace";

const script = `
  tracepoint:syscalls:sys_enter_openat { printf("%s", str(args.filename)); }
  tracepoint:syscalls:sys_enter_read { @start[tid] = nsecs; }
  tracepoint:syscalls:sys_exit_read /@start[tid]/ {
    @us = hist((uint64)(nsecs - @start[tid]) / 1000);
    delete(@start, tid);
  }`;

try {
  for await (const record of trace(script, { command: "cat /etc/hostname /etc/os-release" })) {
    if (record.type === "printf") console.log("opens", record.data);
    if (record.type === "hist") console.log(record.data);
  }
} catch (error) {
  if (!(error instanceof ScriptError)) throw error;
  for (const { message, line, column } of error.mistakes) console.error(`${line}:${column}: ${message}`);
}
