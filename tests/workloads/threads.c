// threads N: N times, one after the other: starts a thread with the name "worker" and joins it.
#include "start.h"
#include <pthread.h>

static void *work(void *nothing) {
  pthread_setname_np(pthread_self(), "worker");
  return nothing;
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 0);
  for (long i = 0; i < count; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) != 0) fail("pthread_create");
    if (pthread_join(thread, NULL) != 0) fail("pthread_join");
  }
  return finish();
}
