import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { once } from "node:events";
import { generate } from "selfsigned";
import { expect, test } from "vitest";
import { createHttpServer } from "../../src/gateway/http/httpServer.ts";
import { listen } from "../../src/gateway/listen/listen.ts";
import { leavePort, stopServers } from "../../src/gateway/listen/stopServers.ts";

const nobody = {
  onRequest: () => {},
  onCheckContinue: () => {},
  onCheckExpectation: () => {},
  onUpgrade: () => {},
  onConnect: () => {},
  onMisspoken: () => {},
};

// As fetch does once it has let go of a stream.
test.each(["http", "https"])(
  "%s stops at once though a client holds a connection on which it asked nothing",
  async (how) => {
    const pair = how === "https" ? await generate([{ name: "commonName", value: "localhost" }]) : undefined;
    const tls = pair && { cert: pair.cert, key: pair.private };
    const { servers, port } = await listen(() => createHttpServer(nobody, tls), { host: "127.0.0.1", port: 0 });
    const accepted = Promise.race(servers.map((server) => once(server, tls ? "secureConnection" : "connection")));
    const socket = tls ? connectTls({ port, rejectUnauthorized: false }) : connect(port, "127.0.0.1");
    socket.resume();
    const closed = untilClosed(socket);
    await accepted;
    await stopServers(servers, 60_000);
    await closed;
    expect(servers.map((server) => server.listening)).toEqual(servers.map(() => false));
  },
);

/** By whatever means: one that is closed before it was read to its end is reset. */
function untilClosed(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

const HALF_HELLO = Buffer.from([0x16, 3, 1, 2, 0, 1, 0]);

test.each([
  ["says nothing", undefined],
  ["begins to greet", HALF_HELLO],
])("https stops though a connection that %s never becomes TLS", async (_, said) => {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }]);
  const { servers, port } = await listen(() => createHttpServer(nobody, { cert, key }), { host: "127.0.0.1", port: 0 });
  const accepted = Promise.race(servers.map((server) => once(server, "connection") as Promise<[Socket]>));
  const socket = connect(port, "127.0.0.1");
  socket.resume();
  const closed = untilClosed(socket);
  if (said) socket.write(said);
  const [there] = await accepted;
  while (there.bytesRead < (said?.length ?? 0)) await new Promise(setImmediate);
  await stopServers(servers, said ? 50 : 60_000);
  await closed;
  expect(servers.map((server) => server.listening)).toEqual(servers.map(() => false));
});

test("a connection that does not become TLS in time is closed", async () => {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }]);
  const create = () => createHttpServer(nobody, { cert, key, handshakeMs: 50 });
  const { servers, port } = await listen(create, { host: "127.0.0.1", port: 0 });
  const socket = connect(port, "127.0.0.1");
  socket.resume();
  socket.write(HALF_HELLO);
  await untilClosed(socket);
  await stopServers(servers);
});

test("a response that goes out while its port is left says that it is its connection's last", async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  const requests = { ...nobody, onRequest: (_: unknown, response: ServerResponse) => asked.resolve(response) };
  const { servers, port } = await listen(() => createHttpServer(requests), { host: "127.0.0.1", port: 0 });
  const answer = fetch(`http://127.0.0.1:${port}/`);
  const response = await asked.promise;
  const { drained } = await leavePort(servers);
  response.end("yes");
  expect([(await answer).headers.get("connection"), await (await answer).text()]).toEqual(["close", "yes"]);
  await drained;
});

test.skipIf(process.platform !== "linux")(
  "what waits to be accepted when a gateway stops is answered, however busy it was",
  async () => {
    const requests = { ...nobody, onRequest: (_: unknown, response: ServerResponse) => void response.end("yes") };
    const { servers, port } = await listen(() => createHttpServer(requests), { host: "127.0.0.1", port: 0 });
    const ask = `const all = Array.from({ length: 60 }, () => fetch("http://127.0.0.1:${port}/").then((r) => r.text(), (e) => String(e.cause)));
    console.log(JSON.stringify(await Promise.all(all)));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", ask], { stdio: ["ignore", "pipe", "inherit"] });
    const answers = text(child.stdout);
    // They connect and ask while nothing here is accepted: who has not asked yet is closed unanswered.
    while (countAsking(port) < 60) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    await stopServers(servers, 60_000);
    expect(JSON.parse(await answers)).toEqual(Array(60).fill("yes"));
  },
);

/** Connections that the system has made for a port here, accepted or not, on which something came that was not read yet. */
function countAsking(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync("/proc/net/tcp", "utf8").trim().split("\n").slice(1);
  const ESTABLISHED = "01";
  const NOTHING = ":00000000";
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, here, , state, queues]) => here?.endsWith(local) && state === ESTABLISHED && !queues?.endsWith(NOTHING))
    .length;
}
