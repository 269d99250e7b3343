/** For tests of network tools: TCP sessions over the loopback interface, and what the programs measured of them. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileWorkload } from "./testing.ts";

/** A session as its two ends saw it. */
export interface Session {
  readonly client: number;
  readonly server: number;
  /** The server's port, and the client's own. */
  readonly port: number;
  readonly ownPort: number;
  /** How long connect() took. */
  readonly connectNs: number;
  /** From the return of connect() to the call of close(): the session cannot be shorter. */
  readonly heldNs: number;
  /** From the call of connect() until both ends have closed: on a busy machine much later. */
  readonly wholeNs: number;
}

/** How sessions are to be. */
export interface SessionOptions {
  readonly family: 4 | 6;
  /** How many, one after the other. */
  readonly count: number;
  readonly requestBytes?: number;
  readonly replyBytes?: number;
  readonly holdMs?: number;
  /** The client by default; `reset` is a client that ends by RST. */
  readonly closes?: "client" | "server" | "reset";
}

const CLOSERS = { client: "c", server: "s", reset: "r" };

/** Two processes of this name, a client and a server. */
export class TcpWorkload implements Disposable {
  readonly #program: ReturnType<typeof compileWorkload>;
  readonly #folder = mkdtempSync(join(tmpdir(), "sessions-"));
  readonly name: string;

  constructor(name: string) {
    this.name = name;
    this.#program = compileWorkload(name, SOURCE);
  }

  /** The command that makes these sessions. */
  command({ family, count, requestBytes = 1, replyBytes = 1, holdMs = 0, closes = "client" }: SessionOptions) {
    const numbers = [family, count, requestBytes, replyBytes, Math.round(holdMs * 1000)].map(String);
    return this.#program.command(...numbers, CLOSERS[closes], this.#results);
  }

  /** What the last run measured. */
  sessions(): readonly Session[] {
    const lines = readFileSync(this.#results, "utf8").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as Session);
  }

  get #results(): string {
    return join(this.#folder, "sessions");
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

const SOURCE = `#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char data[1 << 20];

static struct session {
  int client, own;
  long start, connected, closing, closed, server_closed;
} *sessions;

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void address(int family, int port, struct sockaddr_storage *to, socklen_t *size) {
  memset(to, 0, sizeof *to);
  if (family == 4) {
    struct sockaddr_in *in = (void *)to;
    *size = sizeof *in;
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    struct sockaddr_in6 *in = (void *)to;
    *size = sizeof *in;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    in->sin6_addr = in6addr_loopback;
  }
}

static int own_port(int fd) {
  struct sockaddr_in6 at;
  socklen_t size = sizeof at;
  getsockname(fd, (void *)&at, &size);
  return ntohs(at.sin6_port);
}

static void take(int fd, long bytes) {
  while (bytes > 0) {
    long n = read(fd, data, bytes < (long)sizeof data ? bytes : (long)sizeof data);
    if (n <= 0) exit(1);
    bytes -= n;
  }
}

static void give(int fd, long bytes) {
  while (bytes > 0) {
    long n = write(fd, data, bytes < (long)sizeof data ? bytes : (long)sizeof data);
    if (n <= 0) exit(1);
    bytes -= n;
  }
}

int main(int argc, char **argv) {
  int family = atoi(argv[1]), count = atoi(argv[2]);
  long request = atol(argv[3]), reply = atol(argv[4]), hold = atol(argv[5]);
  char closer = argv[6][0];
  struct sockaddr_storage to;
  socklen_t size;
  int listener = socket(family == 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  address(family, 0, &to, &size);
  bind(listener, (void *)&to, size);
  listen(listener, 16);
  int port = own_port(listener);
  sessions = mmap(NULL, (count + 1) * sizeof *sessions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (fork() == 0) {
    for (int i = 0; i < count; i++) {
      struct session *s = &sessions[i];
      int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
      address(family, port, &to, &size);
      s->client = getpid();
      s->start = now();
      connect(fd, (void *)&to, size);
      s->connected = now();
      s->own = own_port(fd);
      give(fd, request);
      take(fd, reply);
      if (hold > 0) usleep(hold);
      if (closer == 's') { char end; read(fd, &end, 1); }
      if (closer == 'r') setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
      s->closing = now();
      close(fd);
      s->closed = now();
    }
    return 0;
  }
  for (int i = 0; i < count; i++) {
    int fd = accept(listener, NULL, NULL);
    take(fd, request);
    give(fd, reply);
    if (closer == 's') {
      if (hold > 0) usleep(hold);
      shutdown(fd, SHUT_WR);
    }
    char end;
    read(fd, &end, 1);
    close(fd);
    sessions[i].server_closed = now();
  }
  close(listener);
  wait(NULL);
  FILE *results = fopen(argv[7], "w");
  for (struct session *s = sessions; s < sessions + count; s++)
    fprintf(results,
            "{\\"client\\":%d,\\"server\\":%d,\\"port\\":%d,\\"ownPort\\":%d,\\"connectNs\\":%ld,\\"heldNs\\":%ld,\\"wholeNs\\":%ld}\\n",
            s->client, getpid(), port, s->own, s->connected - s->start, s->closing - s->connected,
            (s->closed > s->server_closed ? s->closed : s->server_closed) - s->start);
  fclose(results);
  return 0;
}
`;
