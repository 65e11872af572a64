import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { DatabaseSync } from "node:sqlite";
import Anthropic from "@anthropic-ai/sdk";

// The parts that no gateway can do without, and nothing else: a request is read, the message stored, the model asked, its
// answer stored and sent, or told as it comes. A process of its own; says its port as the gateway does, and ends with its input.

const folder = mkdtempSync(join(tmpdir(), "pincer-limit-"));
const database = new DatabaseSync(join(folder, "limit.db"));
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE messages (id INTEGER PRIMARY KEY, session TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX by_session ON messages (session);`);
const insert = database.prepare("INSERT INTO messages (session, body) VALUES (?, ?)");
const client = new Anthropic();

const server = createServer((request, response) => void answer(request, response));
await once(server.listen(0, "127.0.0.1"), "listening");
process.once("exit", () => rmSync(folder, { recursive: true }));
process.stdin.resume().once("end", () => process.exit());
console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { message, sessionKey } = (await json(request)) as { message: string; sessionKey: string };
  insert.run(sessionKey, JSON.stringify({ role: "user", text: message }));
  const stream = client.messages.stream({
    model: "claude-sonnet-5-5",
    max_tokens: 1000,
    messages: [{ role: "user", content: message }],
  });
  const isStreamed = request.headers.accept === "text/event-stream";
  if (isStreamed) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    stream.on("text", (text) => response.write(`event: text.delta\ndata: ${JSON.stringify({ text })}\n\n`));
  }
  const { content, usage } = await stream.finalMessage();
  const body = JSON.stringify({ status: "ok", content, usage });
  insert.run(sessionKey, body);
  if (isStreamed) return void response.end(`event: done\ndata: ${body}\n\n`);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}
