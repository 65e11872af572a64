import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
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
    const exchange = { requestId: "req_1", replyHeaders: {}, signal: new AbortController().signal, clock: systemClock };
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
