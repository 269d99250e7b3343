// connects N [BYTES]: N times, one after the other: connects over TCP to a listener of its own on 127.0.0.1, sends
// BYTES (1 to 16384, default 16) with one send(2), receives all of it on the other end, closes the client's end and
// then the server's.
#include "start.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static char buffer[16384];

static int listen_on_loopback(struct sockaddr_in *address) {
  socklen_t length = sizeof *address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)address, length) != 0) fail("bind");
  if (listen(listener, 1) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)address, &length) != 0) fail("getsockname");
  return listener;
}

static void converse(int listener, const struct sockaddr_in *address, long bytes) {
  int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client < 0) fail("socket");
  if (connect(client, (const struct sockaddr *)address, sizeof *address) != 0) fail("connect");
  int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (server < 0) fail("accept4");
  if (send(client, buffer, bytes, 0) != bytes) fail("send");
  if (recv(server, buffer, bytes, MSG_WAITALL) != bytes) fail("recv");
  close(client);
  close(server);
}

int main(int argc, char **argv) {
  struct sockaddr_in address;
  int listener = listen_on_loopback(&address);
  argv = begin(argc, argv, 1, 2, "N [BYTES]");
  long count = number(argv[1], 0);
  long bytes = argv[2] == NULL ? 16 : number(argv[2], 1);
  if (bytes > (long)sizeof buffer) fail("BYTES is above 16384");
  for (long i = 0; i < count; i++) converse(listener, &address, bytes);
  return finish();
}
