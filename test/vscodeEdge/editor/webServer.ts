import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A server of one test, with the keys that came; `undefined` in place of a status: it never answers. */
export async function serveStatus(status: number | undefined, body = "{}") {
  const keys: (string | undefined)[] = [];
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization);
    request.on("close", () => left.resolve());
    response.on("close", () => left.resolve());
    if (status !== undefined) response.writeHead(status, { "content-type": "application/json" }).end(body);
    asked.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, keys, asked: asked.promise, left: left.promise };
}
