// unwinding ROUNDS: calls bottom() ROUNDS times by each of these ways, without a frame pointer in any of them:
//   by_chain        three functions with stack frames of different sizes
//   by_callback     the comparison of a qsort of the C library
//   by_signal       the handler of a signal, which interrupts a function that sends it to itself
//   by_alignment    a function that aligns its stack to 64 bytes and has an array of a length that is known late
//   by_plugin       this file once more, built as a library, which is loaded when it is first needed; then it sleeps 300 ms
// Then it calls getppid(2) once at the end of a chain of ROUNDS functions.
#include "start.h"
#include <dlfcn.h>
#include <libgen.h>
#include <signal.h>
#include <stdalign.h>
#include <sys/syscall.h>

#define APART __attribute__((noipa))

static volatile long sink;

APART void bottom(void) { sink++; }

APART void chain_inner(char *text) {
  char copy[200];
  strcpy(copy, text);
  bottom();
  sink += copy[3];
}

APART void chain_middle(long a, long b, long c) {
  char text[24];
  snprintf(text, sizeof text, "%ld %ld", a, b);
  chain_inner(text);
  sink += a * b + c;
}

APART void by_chain(void) {
  chain_middle(sink, 2, 3);
  sink++;
}

APART int compare(const void *a, const void *b) {
  if (*(const int *)a + *(const int *)b == 3) bottom();
  return *(const int *)a - *(const int *)b;
}

APART void by_callback(void) {
  int two[] = {2, 1};
  qsort(two, 2, sizeof *two, compare);
  sink += two[0];
}

APART void handle(int number) {
  bottom();
  sink += number;
}

APART void by_signal(void) {
  if (syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1) != 0) fail("tgkill");
  sink++;
}

APART void by_alignment(long length) {
  alignas(64) volatile char aligned[64];
  volatile char late[length];
  aligned[0] = late[length - 1] = 1;
  bottom();
  sink += aligned[0] + late[length - 1];
}

// What the library has for its caller.
APART void through_plugin(void (*call)(void)) {
  volatile char room[333];
  room[0] = 1;
  call();
  sink += room[0];
}

APART void by_plugin(const char *program) {
  static void (*through)(void (*)(void));
  if (through == NULL) {
    char path[PATH_MAX], copy[PATH_MAX];
    if (realpath(program, copy) == NULL) fail("realpath");
    snprintf(path, sizeof path, "%s/unwinding.so", dirname(copy));
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) fail("dlopen");
    *(void **)&through = dlsym(library, "through_plugin");
    usleep(300000); // for a tracer that has to read it first
  }
  through(bottom);
  sink++;
}

APART long descend(long depth) {
  if (depth == 0) return syscall(SYS_getppid);
  sink += descend(depth - 1);
  return sink;
}

int main(int argc, char **argv) {
  if (signal(SIGUSR1, handle) == SIG_ERR) fail("signal");
  argv = begin(argc, argv, 1, 1, "ROUNDS");
  long rounds = number(argv[1], 1);
  for (long i = 0; i < rounds; i++) {
    by_chain();
    by_callback();
    by_signal();
    by_alignment(i + 10);
    by_plugin("/proc/self/exe");
  }
  descend(rounds);
  return finish();
}
