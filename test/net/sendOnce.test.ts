import * as http from "node:http";
import { type AddressInfo, connect, createServer, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test, vi } from "vitest";
import { requestGateway } from "../../src/client/gatewayRequest.ts";
import { guardedFetch } from "../../src/net/guardedFetch.ts";
import { createNetworkGuard } from "../../src/net/networkGuard.ts";
import { openEgressProxy } from "../../src/net/egressProxy.ts";
import { plainFetch } from "../../src/net/plainFetch.ts";
import { sendOnce } from "../../src/net/sendOnce.ts";

/** All ways out, by name: each asks for an address and resolves with what came back. */
const ways: Record<string, (url: string) => Promise<string>> = {
  sendOnce: async (url) => (await sendOnce({ url, timeoutMs: 10_000, maxBytes: 100 })).body.toString(),
  guardedFetch: async (url) => (await guardedFetch(createNetworkGuard({ allowLoopback: true }), url)).body.toString(),
  plainFetch: async (url) => (await plainFetch(url, { method: "POST", body: "x", redirect: "error" })).text(),
  "the proxy, asked for a page": (url) => overProxy(`GET ${url}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
  "the proxy, asked for a tunnel": (url) =>
    overProxy(
      `CONNECT ${new URL(url).host} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    ),
};

test.each(Object.keys(ways))(
  "each address of a host has time to answer, for those who are far away from it: %s",
  async (way) => {
    const server = http.createServer((_, response) => void response.end("here"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const opened = vi.spyOn(Socket.prototype, "connect");
    onTestFinished(() => opened.mockRestore());
    const { port } = server.address() as AddressInfo;
    expect(await ways[way]!(`http://127.0.0.1:${port}`)).toContain("here");
    const asked = opened.mock.calls
      .flat(2)
      .filter((given) => Number((given as { port?: unknown } | null)?.port) === port);
    expect(asked).toMatchObject([{ autoSelectFamilyAttemptTimeout: way === "sendOnce" ? 3000 : 1000 }]);
  },
);

test.each([
  [
    "goes over to another protocol",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
  ],
  ["closes without an answer", ""],
])("who %s is waited for by none of them", async (_what, answer) => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => (answer === "" ? socket.end() : socket.write(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const command = async (url: string) => await text(await requestGateway({ url }, { method: "GET", path: "/" }));
  for (const [way, ask] of Object.entries({ ...ways, command })) {
    if (way === "the proxy, asked for a tunnel") continue;
    const told = await ask(`http://127.0.0.1:${port}`).catch((error: Error) => `failed: ${error.message}`);
    expect([way, told]).toEqual([way, way.startsWith("the proxy") ? "" : expect.stringMatching(/^failed: (?!.*time)/)]);
  }
});

async function overProxy(request: string): Promise<string> {
  const proxy = await openEgressProxy({ allowLoopback: () => true });
  onTestFinished(() => proxy.close());
  const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1", () => socket.write(request));
  return text(socket);
}
