// philosophers N [wrong]: N times, one after the other, three threads take two of three mutexes each, in orders that agree;
// with another argument the third takes its own in the order that closes a cycle. Nobody ever waits.
#include "start.h"
#include <pthread.h>

#define FUNCTION __attribute__((noinline))

pthread_mutex_t fork_a = PTHREAD_MUTEX_INITIALIZER, fork_b = PTHREAD_MUTEX_INITIALIZER, fork_c = PTHREAD_MUTEX_INITIALIZER;

FUNCTION static void eat(pthread_mutex_t *first, pthread_mutex_t *second) {
  pthread_mutex_lock(first);
  pthread_mutex_lock(second);
  pthread_mutex_unlock(second);
  pthread_mutex_unlock(first);
}

FUNCTION static void *plato(void *nothing) {
  eat(&fork_a, &fork_b);
  return nothing;
}

FUNCTION static void *kant(void *nothing) {
  eat(&fork_b, &fork_c);
  return nothing;
}

FUNCTION static void *hume(void *nothing) {
  eat(&fork_a, &fork_c);
  return nothing;
}

FUNCTION static void *hegel(void *nothing) {
  eat(&fork_c, &fork_a);
  return nothing;
}

FUNCTION static void dine(void *(*philosopher)(void *)) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, philosopher, NULL) != 0) fail("pthread_create");
  if (pthread_join(thread, NULL) != 0) fail("pthread_join");
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 2, "N [wrong]");
  long count = number(argv[1], 0);
  for (long i = 0; i < count; i++) {
    dine(plato);
    dine(kant);
    dine(argv[2] == NULL ? hume : hegel);
  }
  return finish();
}
