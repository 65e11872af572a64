import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";

type Answer = string | ((request: IncomingMessage, response: ServerResponse) => void);

export interface Pages {
  url: string;
  /** Method, path and body of what was asked for, in order. */
  requests: string[];
  /** How many WebSockets were let in. */
  sockets(): number;
}

/** Serves pages on loopback until the test is over. */
export async function servePages(answers: Record<string, Answer>, tls?: { cert: string; key: string }): Promise<Pages> {
  const requests: string[] = [];
  const open = new Set<Socket>();
  let sockets = 0;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => void serve(request, response);
  const server: Server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const path = request.url ?? "/";
    if (path !== "/favicon.ico") requests.push(`${request.method} ${path}${body ? ` ${body}` : ""}`);
    const answer = answers[path.split("?")[0]!];
    if (answer === undefined) {
      response.writeHead(404, { "Content-Type": "text/plain" });
      response.end("none");
    } else if (typeof answer === "string") {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
      response.end(answer);
    } else answer(request, response);
  };
  server.on("upgrade", (request, socket) => {
    sockets += 1;
    const key = createHash("sha1").update(
      `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    );
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key.digest("base64")}\r\n\r\n`,
    );
  });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    url: `http${tls ? "s" : ""}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sockets: () => sockets,
  };
}
