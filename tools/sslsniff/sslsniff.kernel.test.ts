import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Both ends of a TLS connection in one thread: n questions by one pair of functions, n by the other; one long answer. */
const OPENSSL = `#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
  SSL_CTX *ctx = SSL_CTX_new(TLS_method());
  SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(ctx, "aNULL:@SECLEVEL=0");
  SSL *client = SSL_new(ctx), *server = SSL_new(ctx);
  BIO *a, *b;
  BIO_new_bio_pair(&a, 1 << 16, &b, 1 << 16);
  SSL_set_bio(client, a, a);
  SSL_set_bio(server, b, b);
  SSL_set_connect_state(client);
  SSL_set_accept_state(server);
  for (int c = 0, s = 0; !c || !s;) {
    if (!c) c = SSL_do_handshake(client) == 1;
    if (!s) s = SSL_do_handshake(server) == 1;
  }
  char data[3000];
  size_t n;
  for (int i = 0; i < atoi(argv[1]); i++) {
    SSL_write(client, "\\xe2\\x82\\xac ask\\n", 8);
    SSL_read(server, data, sizeof data);
    SSL_read(server, data, sizeof data);
    SSL_write_ex(server, "\\x00\\xff", 2, &n);
    SSL_read_ex(client, data, sizeof data, &n);
    SSL_read_ex(client, data, sizeof data, &n);
  }
  memset(data, 'z', sizeof data);
  SSL_write(server, data, sizeof data);
  return 0;
}
`;

/** The same with GnuTLS, and data through a pipe of NSPR. */
const OTHERS = `#include <gnutls/gnutls.h>
#include <nspr.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
static gnutls_session_t session(unsigned end, int fd) {
  gnutls_session_t s;
  gnutls_init(&s, end);
  gnutls_priority_set_direct(s, "NORMAL:-VERS-ALL:+VERS-TLS1.2:+ANON-ECDH", NULL);
  if (end == GNUTLS_CLIENT) {
    gnutls_anon_client_credentials_t c;
    gnutls_anon_allocate_client_credentials(&c);
    gnutls_credentials_set(s, GNUTLS_CRD_ANON, c);
  } else {
    gnutls_anon_server_credentials_t c;
    gnutls_anon_allocate_server_credentials(&c);
    gnutls_credentials_set(s, GNUTLS_CRD_ANON, c);
  }
  gnutls_transport_set_int(s, fd);
  while (gnutls_handshake(s) < 0);
  return s;
}
int main() {
  int fds[2];
  char data[100];
  socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  if (fork() == 0) {
    gnutls_session_t s = session(GNUTLS_SERVER, fds[1]);
    gnutls_record_recv(s, data, sizeof data);
    return 0;
  }
  gnutls_record_send(session(GNUTLS_CLIENT, fds[0]), "by GnuTLS", 9);
  wait(NULL);
  PRFileDesc *in, *out;
  PR_CreatePipe(&in, &out);
  PR_Write(out, "by NSPR", 7);
  PR_Read(in, data, sizeof data);
  return 0;
}
`;

let openssl: Workload;
let others: Workload;
beforeAll(() => {
  openssl = compileWorkload("ossltalk", OPENSSL, "-lssl", "-lcrypto");
  others = compileWorkload("othertalk", OTHERS, "-I/usr/include/nspr", "-lgnutls", "-lnspr4");
});
afterAll(() => {
  openssl[Symbol.dispose]();
  others[Symbol.dispose]();
});

test("every call of OpenSSL that carries data, with the data", async () => {
  const { rows, text } = await runTool("sslsniff", ["-c", openssl.name, "--json"], openssl.command("3"));
  expect(text).toBe("");
  const question = { len: 8, lost: 0, data: "€ ask\n", comm: openssl.name, uid: 0 };
  const answer = { len: 2, lost: 0, data: "\0\ufffd" };
  const turn = [
    { func: "WRITE/SEND", ...question },
    { func: "READ/RECV", ...question },
    { func: "WRITE/SEND", ...answer },
    { func: "READ/RECV", ...answer },
  ];
  const long = { func: "WRITE/SEND", len: 3000, lost: 0, data: "z".repeat(3000) };
  expect(rows).toEqual([...turn, ...turn, ...turn, long].map((row) => expect.objectContaining(row)));
  for (const { latency_ns } of rows) expect(latency_ns).toBeGreaterThan(0);
});

test("hexadecimal digits, and what does not fit", async () => {
  const argv = ["--hexdump", "--max-buffer-size", "20", "-c", openssl.name];
  const { rows } = await runTool("sslsniff", [...argv, "--json"], openssl.command("1"));
  expect(rows.map(({ data, lost }) => [data, lost])).toEqual([
    ["e282ac2061736b0a", 0],
    ["e282ac2061736b0a", 0],
    ["00ff", 0],
    ["00ff", 0],
    ["7a".repeat(20), 2980],
  ]);
  const { lines } = await runTool("sslsniff", argv, openssl.command("0"));
  expect(lines.slice(2)).toEqual([
    "----- DATA -----",
    "7a".repeat(16),
    "7a".repeat(4),
    "----- END DATA (TRUNCATED, 2980 bytes lost) -----",
    "",
  ]);
});

test("the lines of the BCC tool, with handshakes", async () => {
  const { lines } = await runTool("sslsniff", ["-c", openssl.name], openssl.command("1"));
  expect(lines[0]).toBe("FUNC         TIME(s)            COMM             PID     LEN");
  expect(lines[1]).toMatch(/^WRITE\/SEND {3}0\.000000000 {8}ossltalk {9}\d+ +8$/);
  expect(lines.slice(2, 7)).toEqual(["----- DATA -----", "€ ask", "", "----- END DATA -----", ""]);
  const argv = ["-lx", "--handshake", "-c", openssl.name];
  const { lines: more } = await runTool("sslsniff", argv, openssl.command("0"));
  expect(more[0]).toBe("FUNC         TIME(s)            COMM             PID     LEN     UID     TID     LAT(ms)");
  expect(more.filter((line) => /^HANDSHAKE .* 0 {7}0 {7}\d+ +\d+\.\d{3}$/.test(line))).toHaveLength(2);
});

test("GnuTLS and NSS", async () => {
  const talk = async (...options: string[]) => {
    const { rows } = await runTool("sslsniff", ["-c", others.name, ...options, "--json"], others.command());
    return rows.map(({ func, data }) => `${func} ${data}`).sort();
  };
  const gnutls = ["READ/RECV by GnuTLS", "WRITE/SEND by GnuTLS"];
  const nss = ["READ/RECV by NSPR", "WRITE/SEND by NSPR"];
  expect(await talk()).toEqual([...gnutls, ...nss].sort());
  expect(await talk("-g")).toEqual(nss);
  expect(await talk("-n", "-o", "-l", "--handshake")).toEqual(["HANDSHAKE ", "HANDSHAKE ", ...gnutls]);
});

test("filters, and a program that has OpenSSL in it", async () => {
  const seen = async (...options: string[]) =>
    (await runTool("sslsniff", [...options, "--json"], openssl.command("1"))).rows.length;
  expect(await seen("-c", openssl.name, "-u", "nobody")).toBe(0);
  expect(await seen("--name", openssl.name)).toBe(5);
  expect(await seen("-c", openssl.name, "-o")).toBe(0);
  const { text, code } = await runTool("sslsniff", ["--extra-lib", "openssl:/bin/true"]);
  expect([code, text]).toEqual([1, expect.stringContaining("/bin/true has no function SSL_write")]);
});
