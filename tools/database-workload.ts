/** For tests of tools for databases: a server of PostgreSQL, and programs that stand in for those of MySQL. */
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileWorkload, type Workload } from "./testing.ts";

const BIN = "/usr/lib/postgresql/15/bin";
/** Whether PostgreSQL is installed (Debian's postgresql-15). */
export const HAS_POSTGRES = existsSync(`${BIN}/postgres`);
/** PostgreSQL refuses to run as root. */
const AS_POSTGRES = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"];

/** A server with an empty database. */
export interface PostgresServer extends AsyncDisposable {
  readonly pid: number;
  /** The command that sends these queries, each by itself, over one connection. */
  psql(...queries: readonly string[]): readonly string[];
}

/** Starts a server that listens on a socket of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "postgres-"));
  chownSync(folder, Number(execFileSync("id", ["-u", "postgres"])), Number(execFileSync("id", ["-g", "postgres"])));
  const database = join(folder, "database");
  const options = ["-D", database, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
  execFileSync("setpriv", [...AS_POSTGRES, `${BIN}/initdb`, ...options], { cwd: folder, stdio: "ignore" });
  const server = spawn("setpriv", [...AS_POSTGRES, `${BIN}/postgres`, "-D", database, "-k", folder, "-h", ""], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  await new Promise<void>((resolve) => {
    let text = "";
    server.stderr.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes("ready to accept connections")) resolve();
    });
  });
  return {
    pid: Number(readFileSync(join(database, "postmaster.pid"), "utf8").split("\n")[0]),
    psql: (...queries) => [
      `${BIN}/psql`,
      ...["-X", "-q", "-h", folder, "-U", "postgres"],
      ...queries.flatMap((query) => ["-c", query]),
    ],
    async [Symbol.asyncDispose]() {
      server.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const WORKLOADS = fileURLToPath(new URL("../tests/workloads/", import.meta.url));

/** A server with MySQL's static probes: it runs queries of its standard input, `CONNECTION DELAY_MS SQL`. */
export function compileMysqld(): Workload {
  const file = join(WORKLOADS, "mysqld.c");
  return compileWorkload("mysqld", readFileSync(file, "utf8"), "-O2", "-I", dirname(file));
}

/** The two forms of the function that MySQL's family runs commands in, by its C++ names. */
export const DISPATCHERS = {
  mariadb: "_Z16dispatch_command19enum_server_commandP3THDPcj",
  mysql: "_Z16dispatch_commandP3THDPK8COM_DATA19enum_server_command",
} as const;

/**
 * A server without static probes: it runs a query of 60 ms and one of 1 ms, n times, and other commands in between. The
 * text is cleared before the function returns, as servers do.
 */
export function compileDispatcher(kind: keyof typeof DISPATCHERS): Workload {
  const [parameters, values, text] =
    kind === "mariadb"
      ? ["int command, void *thd, char *packet, unsigned length", "command, 0, packet, 9", "packet"]
      : ["void *thd, struct data *data, int command", "0, &data, command", "data->query"];
  const source = `#include <stdlib.h>
#include <string.h>
#include <unistd.h>
struct data { char *query; unsigned length; };
__attribute__((noinline)) void ${DISPATCHERS[kind]}(${parameters}) {
  usleep(command == 3 && strstr(${text}, "slow") ? 60000 : 1000);
  ${text}[0] = 0;
}
static void run(int command, const char *text) {
  char packet[64];
  strcpy(packet, text);
  struct data data = {packet, 9};
  (void)data;
  ${DISPATCHERS[kind]}(${values});
}
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    run(3, "SELECT slow");
    run(14, "slow ping");
    run(3, "SELECT fast");
  }
  return 0;
}
`;
  return compileWorkload("mariadbd", source);
}
