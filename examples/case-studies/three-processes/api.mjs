// node api.mjs: GET /cart asks the stock for each item of a cart.
import { createServer, get } from "node:http";

const ITEMS = ["apple", "bread", "coffee", "date", "egg"];

/** How many of an item there are. */
function stockOf(item, id) {
  return new Promise((resolve, reject) => {
    const options = { port: 8083, path: `/stock/${item}`, headers: { "X-Request-Id": id } };
    const request = get(options, (response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve(Number(text)));
    });
    request.on("error", reject);
  });
}

createServer(async (request, response) => {
  const stock = {};
  for (const item of ITEMS) stock[item] = await stockOf(item, request.headers["x-request-id"] ?? "");
  response.end(`${JSON.stringify(stock)}\n`);
}).listen(8082, "127.0.0.1");
