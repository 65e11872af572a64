import { createServer, get, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { writeReply } from "../../../src/gateway/http/writeReply.ts";

test("of what a web response brings along no CORS header goes out, and ours count", async () => {
  const headers = {
    "Access-Control-Allow-Origin": "*",
    "access-control-allow-headers": "*",
    "ACCESS-CONTROL-EXPOSE-HEADERS": "x",
    "Cache-Control": "public",
    "X-Of-Its-Own": "kept",
  };
  const server = createServer((_, response) => {
    const { signal } = new AbortController();
    const exchange = { requestId: "req_1", replyHeaders: {}, signal, gone: signal, clock: systemClock };
    void writeReply(response, new Response("hi", { status: 201, headers }), exchange);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect([answer.status, await answer.text()]).toEqual([201, "hi"]);
  expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("x-of-its-own")).toBe("kept");
});

const MB = 1024 * 1024;
/** More than the sockets of this machine hold between them. */
const long = "x".repeat(40 * MB);

test.each([
  { what: "value", toReply: () => ({ body: long }) },
  { what: "web response", toReply: () => new Response(long) },
])(
  "a reader of a long $what is waited for as long as it takes something, and cut 15 seconds later",
  async ({ toReply }) => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    let isCut = false;
    const server = createServer((_, response) => {
      response.once("close", () => (isCut = true));
      const exchange = { requestId: "req_1", replyHeaders: {}, signal, gone: signal, clock };
      void writeReply(response, toReply(), exchange);
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const [answer] = (await once(get({ port: (server.address() as AddressInfo).port }), "response")) as [
      IncomingMessage,
    ];
    answer.on("error", () => {});
    let read = 0;
    let enough = 0;
    answer.on("data", (piece: Buffer) => {
      read += piece.length;
      if (read >= enough) answer.pause();
    });
    for (enough = 6 * MB; enough <= 24 * MB; enough += 6 * MB) {
      answer.resume();
      await expect.poll(() => read).toBeGreaterThanOrEqual(enough);
      await clock.advance(14_000);
      expect(isCut).toBe(false);
    }
    await expect.poll(async () => (await clock.advance(15_000), isCut)).toBe(true);
  },
);
