import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ended, RunningProcess, runToEnd, untilAsleep } from "../tracing/process.ts";

/** What `GET /index.html` answers. */
export const page = "hello from a real server\n";

/**
 * Keeps nginx busy: the pattern tries all ways to divide the argument, whose number doubles with each letter (20 take
 * about 40 ms), and none fits.
 */
const slowTest = 'if ($arg_text ~ "^(a+)+[c-z]$") { return 204; }';

/** Debian's nginx in one process, which serves a folder over two Unix sockets: plain, and with TLS. */
export class Nginx implements AsyncDisposable {
  readonly folder: string;
  readonly #process: RunningProcess;

  private constructor(folder: string, started: RunningProcess) {
    this.folder = folder;
    this.#process = started;
  }

  static async start(): Promise<Nginx> {
    const folder = mkdtempSync(join(tmpdir(), "nginx."));
    mkdirSync(join(folder, "www"));
    writeFileSync(join(folder, "www/index.html"), page);
    await makeCertificate(folder);
    writeFileSync(join(folder, "nginx.conf"), configuration(folder));
    const started = await RunningProcess.start("nginx", [
      ...["-p", folder],
      ...["-c", "nginx.conf"],
      ...["-e", "errors"],
    ]);
    const nginx = new Nginx(folder, started);
    for (let attempt = 0; attempt < 100; attempt++) {
      if ((await nginx.curl("plain", "/index.html")).code === 0) return nginx;
      await sleep(50);
    }
    await nginx[Symbol.asyncDispose]();
    throw new Error(`nginx does not answer:\n${started.output.stderr}`);
  }

  /** The path of a socket, for other clients. */
  socket(kind: "plain" | "tls"): string {
    return join(this.folder, `${kind}.socket`);
  }

  /**
   * One request with curl, whose output is followed by what `curl --write-out` makes of `format`. Also waits until nginx
   * is done: it still returns from its functions when curl has the answer.
   */
  async curl(kind: "plain" | "tls", path: string, format = ""): Promise<Ended & { readonly pid: number }> {
    const scheme = kind === "tls" ? "https" : "http";
    const args = [...["-s", "-k", "--http1.1"], ...["--unix-socket", this.socket(kind)], ...["-w", format]];
    const curl = await RunningProcess.start("curl", [...args, `${scheme}://localhost${path}`]);
    const ended = await curl.finish();
    await untilAsleep(this.#process.pid);
    return { pid: curl.pid, ...ended };
  }

  /** Requests that take nginx a third of a second each. */
  async curlSlowly(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.curl("plain", `/slow?text=${"a".repeat(20)}b`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop("SIGTERM");
    rmSync(this.folder, { recursive: true });
  }
}

async function makeCertificate(folder: string): Promise<void> {
  const request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out certificate.pem";
  await runToEnd("openssl", request.split(" "), { cwd: folder });
}

function configuration(folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
master_process off;
pid ${folder}/pid;
events { worker_connections 64; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/temporary;`).join("\n  ")}
  ssl_certificate ${folder}/certificate.pem;
  ssl_certificate_key ${folder}/key.pem;
  server {
    listen unix:${folder}/plain.socket;
    listen unix:${folder}/tls.socket ssl;
    root ${folder}/www;
    location /slow {
      ${Array(8).fill(slowTest).join("\n      ")}
      return 200 "at last\\n";
    }
  }
}
`;
}
