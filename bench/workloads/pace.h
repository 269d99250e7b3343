// What the workloads share: they stay on one processor, make exactly the calls asked for, at a steady rate if one is
// given, and then print, as a line of JSON, how many there were and what time they took.
#pragma once

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

__attribute__((noreturn)) static inline void fail(const char *what) {
  dprintf(STDERR_FILENO, "%s: %s\n", what, errno == 0 ? "unexpected" : strerror(errno));
  exit(1);
}

// A whole number from 0 up.
static inline long number(const char *text) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < 0) fail(text);
  return value;
}

static inline int64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

// The last processor: the tracer has the others to itself.
static inline void stay_on_last_cpu(void) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &cpus);
  if (sched_setaffinity(0, sizeof(cpus), &cpus) != 0) fail("sched_setaffinity");
}

// Calls `call` exactly `count` times, `per_second` times a second (0: as fast as it goes). It spins between calls, as
// sleeping would make bursts of them. A workload that falls behind makes up for it only within a millisecond, as a
// machine that was busy elsewhere is not to answer with a burst that no tracer was asked to take.
static inline void repeat(long count, long per_second, void (*call)(void)) {
  int64_t wall = clock_ns(CLOCK_MONOTONIC), cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  if (per_second == 0) {
    for (long i = 0; i < count; i++) call();
  } else {
    double interval = 1e9 / per_second, due = wall;
    for (long i = 0; i < count; i++, due += interval) {
      int64_t now;
      while ((now = clock_ns(CLOCK_MONOTONIC)) < due) {
      }
      if (now - due > 1e6) due = now;
      call();
    }
  }
  printf("{\"calls\":%ld,\"wallNs\":%lld,\"cpuNs\":%lld}\n", count, (long long)(clock_ns(CLOCK_MONOTONIC) - wall),
         (long long)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu));
}
