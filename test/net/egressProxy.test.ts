import { connect, createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openEgressProxy } from "../../src/net/egressProxy.ts";

const odd: [what: string, answer: string, seen: RegExp][] = [
  ["a status that is none", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n", /^$/],
  ["status 0", "HTTP/1.1 000 X\r\nContent-Length: 0\r\n\r\n", /^$/],
  ["a control character in its reason", "HTTP/1.1 200 a\u0001b\r\nContent-Length: 0\r\n\r\n", /^$/],
  [
    "a trailer where none can be",
    "HTTP/1.1 200 OK\r\nTrailer: x\r\nContent-Length: 2\r\n\r\nhi",
    /^HTTP\/1.1 200 OK\r\n[^]*hi$/,
  ],
];

test.each(odd)("a server that answers with %s ends its own connection and no more", async (_what, answer, seen) => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = await openEgressProxy({ allowLoopback: () => true });
  onTestFinished(() => {
    proxy.close();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { port } = new URL(proxy.url);
  const reply = await new Promise<string>((resolve) => {
    let text = "";
    const client = connect(Number(port), "127.0.0.1", () => {
      client.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    });
    client.on("data", (part) => (text += String(part)));
    client.on("error", () => {});
    client.on("close", () => resolve(text));
  });
  expect(reply).toMatch(seen);
});
