import { duringMysqld, sumOf, type ToolCase } from "../tool-case.ts";

export const databaseCases: readonly ToolCase[] = [
  {
    tool: "dbslower",
    name: "dbslower: a slow query",
    command: `${duringMysqld("dbslower mysql -m 40 --json")} | grep -o '"query":.*'`,
    stdout: '"query":"select slow"}\n',
  },
  {
    tool: "dbstat",
    name: "dbstat: each query",
    command: `${duringMysqld("dbstat mysql --json")} | ${sumOf("count")}`,
    stdout: "3\n",
  },
  {
    tool: "mysqld_qslower",
    name: "mysqld_qslower: a slow query",
    command: `${duringMysqld("mysqld_qslower $server 40 --json")} | grep -o '"query":.*'`,
    stdout: '"query":"select slow"}\n',
  },
];
