/* A server that forgets to forget: gcc -O1 -g -fno-omit-frame-pointer -o shopd shopd.c; ./shopd */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session {
  struct session *next;
  char *user;
  char cart[200];
};

static struct session *sessions;

static char *parse_user(int request) {
  char *text = malloc(64);
  snprintf(text, 64, "user-%d", request);
  return text;
}

static struct session *open_session(const char *user) {
  struct session *session = calloc(1, sizeof *session);
  session->user = strdup(user);
  session->next = sessions;
  sessions = session;
  return session;
}

/* Takes the session off the list, and forgets what else belongs to it. */
static void close_session(struct session *session) {
  sessions = session->next;
  free(session);
}

static void handle_request(int request) {
  char *user = parse_user(request);
  struct session *session = open_session(user);
  snprintf(session->cart, sizeof session->cart, "cart of %s", user);
  if (request % 10 != 0) close_session(session);
  free(user);
}

int main(void) {
  for (int request = 1;; request++) {
    handle_request(request);
    usleep(1000);
  }
}
