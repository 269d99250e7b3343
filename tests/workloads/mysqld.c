// mysqld: a stand-in for MySQL's server with its static probes, provider `mysql`. The probes and their arguments are
// those of MySQL 5.7 (include/probes_mysql.d.base there), each with a semaphore.
//
// Reads queries from standard input, one a line, "CONNECTION_ID DELAY_MS SQL", and runs each on the spot: it takes
// DELAY_MS milliseconds and nothing else happens. The first word of the SQL decides what it is: select, insert, update
// or delete; any other is a syntax error (status 1 in query__parse__done and query__done, no execution). Every query
// concerns 3 rows. User "app", host "localhost", database "shop". For each query, in this order:
//   connection__start (for the first of a connection), command__start, query__start, query__parse__start,
//   query__parse__done, query__exec__start, VERB__start, VERB__done, query__exec__done, query__done, command__done
// and connection__done for every connection when standard input ends.
//
// In MySQL query__done has one argument, the status. Built with -DDONE_WITH_CONNECTION_ID it has a second one, the
// connection id, as scripts that pair it with query__start expect.
#include "sdt.h"
#include "start.h"
#include <strings.h>
#include <time.h>

SDT_SEMAPHORE(mysql, connection__start);
SDT_SEMAPHORE(mysql, connection__done);
SDT_SEMAPHORE(mysql, command__start);
SDT_SEMAPHORE(mysql, command__done);
SDT_SEMAPHORE(mysql, query__start);
SDT_SEMAPHORE(mysql, query__done);
SDT_SEMAPHORE(mysql, query__parse__start);
SDT_SEMAPHORE(mysql, query__parse__done);
SDT_SEMAPHORE(mysql, query__exec__start);
SDT_SEMAPHORE(mysql, query__exec__done);
SDT_SEMAPHORE(mysql, select__start);
SDT_SEMAPHORE(mysql, select__done);
SDT_SEMAPHORE(mysql, insert__start);
SDT_SEMAPHORE(mysql, insert__done);
SDT_SEMAPHORE(mysql, update__start);
SDT_SEMAPHORE(mysql, update__done);
SDT_SEMAPHORE(mysql, delete__start);
SDT_SEMAPHORE(mysql, delete__done);

// Like MySQL's own macros: the arguments are only computed while a tracer is attached.
#define PROBE(name, count, ...)                                                                 \
  do {                                                                                          \
    if (SDT_ENABLED(mysql, name)) SDT_PROBE(mysql, name, count __VA_OPT__(, ) __VA_ARGS__);     \
  } while (0)

enum { COM_QUERY = 3, top_level_query = 0, most_connections = 1024 };

enum verb { SELECT, INSERT, UPDATE, DELETE, UNKNOWN };

static const char *const verbs[] = {"select", "insert", "update", "delete"};
static const char *const user = "app";
static const char *const host = "localhost";
static const char *const database = "shop";
static const unsigned long rows = 3;

static unsigned long connections[most_connections];
static int connection_count;

static void connect_once(unsigned long id) {
  for (int i = 0; i < connection_count; i++) {
    if (connections[i] == id) return;
  }
  if (connection_count == most_connections) fail("more than 1024 connections");
  connections[connection_count++] = id;
  PROBE(connection__start, 3, id, user, host);
}

static enum verb parse(const char *sql) {
  PROBE(query__parse__start, 1, sql);
  enum verb verb = SELECT;
  while (verb < UNKNOWN && strncasecmp(sql, verbs[verb], strlen(verbs[verb])) != 0) verb++;
  int status = verb == UNKNOWN;
  PROBE(query__parse__done, 1, status);
  return verb;
}

static void start_verb(enum verb verb, const char *sql) {
  switch (verb) {
    case SELECT: PROBE(select__start, 1, sql); break;
    case INSERT: PROBE(insert__start, 1, sql); break;
    case UPDATE: PROBE(update__start, 1, sql); break;
    case DELETE: PROBE(delete__start, 1, sql); break;
    case UNKNOWN: break;
  }
}

static void end_verb(enum verb verb, int status) {
  switch (verb) {
    case SELECT: PROBE(select__done, 2, status, rows); break;
    case INSERT: PROBE(insert__done, 2, status, rows); break;
    case UPDATE: PROBE(update__done, 3, status, rows, rows); break;
    case DELETE: PROBE(delete__done, 2, status, rows); break;
    case UNKNOWN: break;
  }
}

static void sleep_ms(long ms) {
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR) {
  }
}

static void execute(enum verb verb, unsigned long id, long delay_ms, const char *sql) {
  int exec_type = top_level_query;
  int status = 0;
  PROBE(query__exec__start, 6, sql, id, database, user, host, exec_type);
  start_verb(verb, sql);
  sleep_ms(delay_ms);
  end_verb(verb, status);
  PROBE(query__exec__done, 1, status);
}

static void run_query(unsigned long id, long delay_ms, const char *sql) {
  int command = COM_QUERY;
  PROBE(command__start, 4, id, command, user, host);
  PROBE(query__start, 5, sql, id, database, user, host);
  enum verb verb = parse(sql);
  if (verb != UNKNOWN) execute(verb, id, delay_ms, sql);
  int status = verb == UNKNOWN;
#ifdef DONE_WITH_CONNECTION_ID
  PROBE(query__done, 2, status, id);
#else
  PROBE(query__done, 1, status);
#endif
  PROBE(command__done, 1, status);
}

int main(void) {
  char line[65536];
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long id;
    long delay_ms;
    int sql = 0;
    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "%lu %ld %n", &id, &delay_ms, &sql) < 2 || sql == 0) {
      dprintf(STDERR_FILENO, "mysqld: not a line of CONNECTION_ID DELAY_MS SQL: %s\n", line);
      return 2;
    }
    connect_once(id);
    run_query(id, delay_ms, line + sql);
  }
  for (int i = 0; i < connection_count; i++) {
    unsigned long id = connections[i];
    int status = 0;
    PROBE(connection__done, 2, status, id);
  }
  return 0;
}
