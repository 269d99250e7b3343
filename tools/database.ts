/** Where databases begin and end queries: static probes, or the function that MySQL's family runs commands in. */
import { readdirSync, readFileSync } from "node:fs";
import { programOf } from "./process-files.ts";
import { type Machine, ToolError } from "./tool.ts";

/** The databases that are known, and how their servers are called. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  mysql: ["mysqld", "mariadbd"],
  postgres: ["postgres"],
};

/** A server's probes, for a script. */
export interface QueryProbes {
  /** Attach points of the beginning and the end of a query, lists. */
  readonly start: string;
  readonly done: string;
  /** The text of the query at its beginning, a pointer. */
  readonly text: string;
  /** What tells a query from other commands; `true` where only queries come. */
  readonly isQuery: string;
  /** The processes that ran when it was asked. */
  readonly pids: readonly number[];
}

/** Which server is meant. */
export interface Wanted {
  /** `mysql` or `postgres`. */
  readonly engine: string;
  readonly pids?: readonly number[];
  /** The server's program, whose functions are probed. */
  readonly file?: string;
}

/** The probes of a database's servers. Throws {@link ToolError}. */
export function queryProbes({ engine, pids: wanted = [], file }: Wanted, machine: Machine): QueryProbes {
  const names = SERVERS[engine];
  if (names === undefined)
    throw new ToolError(`there is no database '${engine}' here, but ${Object.keys(SERVERS).join(" and ")}`);
  if (file !== undefined) return functionProbes(engine, file, [], machine);
  const pids = wanted.length > 0 ? wanted : processesNamed(names);
  if (pids.length === 0)
    throw new ToolError(`no ${names.join(" or ")} runs here`, "-p PID is one in a container, or one of another name");
  const files = [...new Set(pids.map(programOf))];
  const withProbes = files.filter((each) => machine.hasUsdt(each, "query__start"));
  if (withProbes.length === 0) return functionProbes(engine, files[0], pids, machine);
  const points = (name: string) => withProbes.map((each) => `usdt:"${each}":*:${name}`).join(",\n");
  return { start: points("query__start"), done: points("query__done"), text: "arg0", isQuery: "true", pids };
}

/** COM_QUERY of enum_server_command: include/my_command.h of MySQL. */
const COM_QUERY = 3;

/**
 * MySQL without static probes, which went with 8.0, and MariaDB: dispatch_command(). Until 5.6, and in MariaDB, it has the
 * command and the packet; since 5.7 a COM_DATA that begins with the text, and the command (sql/sql_parse.h of each).
 */
function functionProbes(engine: string, file: string, pids: readonly number[], machine: Machine): QueryProbes {
  if (engine !== "mysql")
    throw new ToolError(
      `${file} has no static probes`,
      "PostgreSQL has them if it was configured with --enable-dtrace",
    );
  const [name] = machine.userFunctions(file, /^\w+dispatch_command\w+$/);
  if (name === undefined) throw new ToolError(`${file} has neither static probes nor a function dispatch_command`);
  const hasData = name.includes("COM_DATA");
  return {
    start: `uprobe:"${file}":${name}`,
    done: `uretprobe:"${file}":${name}`,
    text: hasData ? "*(uint64 *)arg1" : "arg2",
    isQuery: `(uint32)arg${hasData ? 2 : 0} == ${COM_QUERY}`,
    pids,
  };
}

/** Processes as `filter.bt` has them. */
export function pidParams(pids: readonly number[]): Record<string, number> {
  return Object.fromEntries(pids.map((pid, index) => [index === 0 ? "pid" : `pid${index + 1}`, pid]));
}

/** A script with the probes in their places. */
export function withQueryProbes(script: string, { start, done, text, isQuery }: QueryProbes): string {
  const places: Readonly<Record<string, string>> = {
    QUERY_START: start,
    QUERY_DONE: done,
    QUERY_TEXT: text,
    IS_QUERY: isQuery,
  };
  return script.replace(/QUERY_START|QUERY_DONE|QUERY_TEXT|IS_QUERY/g, (name) => places[name]);
}

function processesNamed(names: readonly string[]): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && names.includes(commOf(entry)))
    .map(Number);
}

function commOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
