// node server.mjs: keeps what each request sent, by its number, for a report that nobody asks for any more.
import { createServer } from "node:http";

const requests = new Map();

function remember(body) {
  requests.set(requests.size, { body: Buffer.from(body), at: new Date() });
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    remember(Buffer.concat(parts));
    response.end(`${requests.size}\n`);
  });
});

server.listen(8090, "127.0.0.1");
