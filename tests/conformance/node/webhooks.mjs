// A receiver by the npm package of Standard Webhooks, which says what it believes.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const { SECRET, PORT } = process.env;
const webhook = new Webhook(SECRET);
createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    try {
      const told = webhook.verify(Buffer.concat(pieces), request.headers);
      console.log(JSON.stringify({ type: told.type, reason: told.data.reason ?? null }));
      response.writeHead(204).end();
    } catch (error) {
      console.log(JSON.stringify({ refused: error.message }));
      response.writeHead(401).end();
    }
  });
}).listen(Number(PORT), "127.0.0.1", () => console.log(JSON.stringify({ ready: true })));
