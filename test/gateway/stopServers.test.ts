import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { once } from "node:events";
import { generate } from "selfsigned";
import { expect, test } from "vitest";
import { createHttpServer } from "../../src/gateway/http/httpServer.ts";
import { listen } from "../../src/gateway/listen/listen.ts";
import { stopServers } from "../../src/gateway/listen/stopServers.ts";

const nobody = {
  onRequest: () => {},
  onCheckContinue: () => {},
  onCheckExpectation: () => {},
  onUpgrade: () => {},
  onConnect: () => {},
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
    socket.on("error", () => {});
    socket.resume();
    const closed = once(socket, "close");
    await accepted;
    await stopServers(servers, 60_000);
    await closed;
    expect(servers.map((server) => server.listening)).toEqual(servers.map(() => false));
  },
);
