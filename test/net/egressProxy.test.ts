import * as http from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { openEgressProxy } from "../../src/net/egressProxy.ts";
import { posixTest } from "../posix.ts";
import { tempFolder } from "../tools/toolContext.ts";

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

/** What asks a server on this machine through a proxy of its own, each time over a line of its own to that. */
async function asker(server: Server): Promise<(method: string, body?: string) => Promise<string>> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = await openEgressProxy({ allowLoopback: () => true });
  onTestFinished(() => {
    proxy.close();
    server.close();
  });
  const path = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return (method, body) =>
    new Promise((resolve, reject) => {
      const { hostname: host, port } = new URL(proxy.url);
      const outgoing = http.request({ host, port, path, method, agent: false }, (answer) => resolve(text(answer)));
      outgoing.on("error", reject);
      outgoing.end(body);
    });
}

test("a request whose kept line brings an answer that is none is not sent again", async () => {
  let asked = 0;
  const server = createServer((socket) => {
    let own = 0;
    socket.on("error", () => {});
    socket.on("data", () => {
      asked += 1;
      own += 1;
      socket.write(own === 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" : "nonsense\r\n\r\n");
    });
  });
  const ask = await asker(server);
  expect(await ask("GET")).toBe("hi");
  await expect(ask("GET")).rejects.toThrow("socket hang up");
  expect(asked).toBe(2);
});

test("a line that the far end closes just as it is used again is none that a page sees cut, and nothing is sent twice", async () => {
  const seen: string[] = [];
  const used = new WeakSet<object>();
  const server = http.createServer((request, response) => {
    if (used.has(request.socket)) return void request.socket.destroy();
    used.add(request.socket);
    void text(request).then((body) => {
      seen.push(`${request.method} ${body}`);
      response.end("here");
    });
  });
  const ask = await asker(server);
  for (const [method, body] of [["GET"], ["GET"], ["POST", "a"], ["GET"], ["POST", "b"]] as const)
    expect(await ask(method, body)).toBe("here");
  expect(seen).toEqual(["GET ", "GET ", "POST a", "GET ", "POST b"]);
});

posixTest(
  "what came through a tunnel before its end arrives whole, though its client reads nothing until then",
  async () => {
    const piece = Buffer.alloc(16 * 1024);
    const turns = async (count: number) => {
      for (; count > 0; count -= 1) await new Promise((resolve) => setImmediate(resolve));
    };
    let ended = Promise.withResolvers<void>();
    const send = async (socket: Socket, pieces: number) => {
      for (; pieces > 0; pieces -= 1) {
        socket.write(piece);
        await turns(3);
      }
      socket.end(() => ended.resolve());
    };
    let pieces = 0;
    const server = createServer((socket) => void send(socket, pieces));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const socketFile = join(tempFolder(), "proxy");
    const proxy = await openEgressProxy({ allowLoopback: () => true, socketFile });
    onTestFinished(() => {
      proxy.close();
      server.close();
    });
    // Of some of these the system itself keeps all but the last on their way to a socket file.
    for (pieces = 1; pieces < 32; pieces += 2) {
      ended = Promise.withResolvers();
      const client = connect(socketFile);
      client.write(`CONNECT 127.0.0.1:${(server.address() as AddressInfo).port} HTTP/1.1\r\n\r\n`);
      await ended.promise;
      await turns(20);
      let got = 0;
      for await (const part of client) got += (part as Buffer).length;
      expect(got).toBe("HTTP/1.1 200 Connection Established\r\n\r\n".length + pieces * piece.length);
    }
  },
);
