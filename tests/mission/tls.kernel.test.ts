import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningProcess } from "../tracing/process.ts";
import { trace } from "../tracing/tracer.ts";
import { Nginx, page } from "./nginx.ts";

let nginx: Nginx;

beforeAll(async () => {
  nginx = await Nginx.start();
});

afterAll(() => nginx[Symbol.asyncDispose]());

/** One request with curl, which knows how many bytes went each way. */
async function curl() {
  const { stdout, pid } = await nginx.curl("tls", "/index.html", "|%{size_request}|%{size_header}|%{size_download}");
  const [body, request, header, download] = stdout.split("|");
  expect(body).toBe(page);
  return { pid, sent: Number(request), received: Number(header) + Number(download) };
}

/** One request by Debian's Python, whose ssl module calls SSL_write_ex and SSL_read_ex. */
async function python() {
  const client = `
import socket, ssl, sys
plain = socket.socket(socket.AF_UNIX)
plain.connect(sys.argv[1])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
request = b"GET /index.html HTTP/1.0\\r\\n\\r\\n"
with context.wrap_socket(plain) as tls:
    tls.sendall(request)
    answer = b"".join(iter(lambda: tls.recv(100), b""))
print(len(request), len(answer))
`;
  await using started = await RunningProcess.start("/usr/bin/python3.11", ["-c", client, nginx.socket("tls")]);
  const { code, stdout, stderr } = await started.finish();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [sent, received] = stdout.trim().split(" ").map(Number);
  return { pid: started.pid, sent, received };
}

test.each(["05.bt", "05-"])("%s: what curl sends, before it is encrypted", async (script) => {
  let transfer = { pid: 0, sent: 0 };
  const { stdout } = await trace(script, async () => {
    transfer = await curl();
  });
  expect(bytesOf(stdout, transfer.pid, "writing")).toBe(transfer.sent);
  expect(stdout).toMatch(/writing \d+ bytes: GET \/index\.html HTTP\/1\.1\r\nHost: localhost\r\n/);
  // The server's end, in the same output: the page goes through SSL_write as well.
  expect(stdout).toContain(page);
});

test.each(["06.bt", "06-"])("%s: what curl receives, decrypted", async (script) => {
  let transfer = { pid: 0, received: 0 };
  const { stdout } = await trace(script, async () => {
    transfer = await curl();
  });
  expect(bytesOf(stdout, transfer.pid, "read")).toBe(transfer.received);
});

test("05-: what Python sends", async () => {
  let transfer = { pid: 0, sent: 0 };
  const { stdout } = await trace("05-", async () => {
    transfer = await python();
  });
  expect(bytesOf(stdout, transfer.pid, "writing")).toBe(transfer.sent);
});

test("06-: what Python receives", async () => {
  let transfer = { pid: 0, received: 0 };
  const { stdout } = await trace("06-", async () => {
    transfer = await python();
  });
  expect(bytesOf(stdout, transfer.pid, "read")).toBe(transfer.received);
});

/** The bytes that a script told of a process; SSL_read also returns -1 where it would have to wait. */
function bytesOf(stdout: string, pid: number, verb: string): number {
  const told = new RegExp(`^PID ${pid}(?: \\(.*\\))? ${verb} (\\d+) bytes`, "gm");
  return [...stdout.matchAll(told)].reduce((sum, match) => sum + Number(match[1]), 0);
}
