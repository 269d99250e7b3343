// What every workload begins and ends with.
//
// With --wait a workload prints "ready\n", then does nothing until a byte (or the end) of standard input comes, so that
// a tracer can be attached to it first. It waits in poll(2) and leaves the byte unread: no read(2) is added to what is
// counted. With --hold it stays until standard input ends, so that its memory map and symbols can still be looked up.
#pragma once

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Ends the process with the name of what failed and errno's text, without allocating memory.
__attribute__((noreturn)) static inline void fail(const char *what) {
  dprintf(STDERR_FILENO, "%s: %s\n", what, errno == 0 ? "unexpected result" : strerror(errno));
  exit(1);
}

// The whole number from least up that text is.
static inline long number(const char *text, long least) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < least) {
    dprintf(STDERR_FILENO, "not a number from %ld up: %s\n", least, text);
    exit(2);
  }
  return value;
}

static inline void poll_input(void) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (poll(&input, 1, -1) < 0) {
    if (errno != EINTR) fail("poll");
  }
}

static bool hold_requested;

// Takes --wait and --hold off the arguments, checks how many are left, and waits if asked to.
static inline char **begin(int argc, char **argv, int least, int most, const char *usage) {
  bool wait = false;
  int kept = 1;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--wait") == 0) {
      wait = true;
    } else if (strcmp(argv[i], "--hold") == 0) {
      hold_requested = true;
    } else {
      argv[kept++] = argv[i];
    }
  }
  if (kept - 1 < least || kept - 1 > most) {
    dprintf(STDERR_FILENO, "usage: %s [--wait] [--hold] %s\n", argv[0], usage);
    exit(2);
  }
  argv[kept] = NULL;
  if (wait) {
    if (write(STDOUT_FILENO, "ready\n", 6) != 6) fail("write");
    poll_input();
  }
  return argv;
}

// What main returns: 0, after standard input has ended if --hold was given.
static inline int finish(void) {
  char byte;
  while (hold_requested && read(STDIN_FILENO, &byte, 1) == 1) {
  }
  return 0;
}
