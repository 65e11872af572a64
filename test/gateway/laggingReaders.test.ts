import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { nextEvent } from "../core/bench.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { call, type Turn } from "../fakes/scriptedProvider.ts";
import { type GatewayBench, openGatewayBench } from "./bench.ts";

// Less than an answer may have; five of them are more than the sockets of this machine hold between them, so that what is
// beyond is the gateway's to hold.
const PIECES = Array.from({ length: 4500 }, (_, at) => `${at} ${"x".repeat(400)} `);
const TURNS: Turn[] = [1, 2, 3, 4, 5].map((step) =>
  step < 5 ? [...PIECES, call("add", { a: step, b: step }, `call_${step}`)] : PIECES,
);

const REQUESTS: [door: string, path: string, body: object, headers: Record<string, string>][] = [
  ["/api", "/api/sessions/send", { message: "go" }, { Accept: "text/event-stream" }],
  ["/v1/chat", "/v1/chat/completions", { stream: true, messages: [{ role: "user", content: "go" }] }, {}],
  ["/v1/responses", "/v1/responses", { stream: true, input: "go" }, {}],
];

/** The response once it has begun. Nothing of it is read. */
function openReader(
  { gateway, auth }: GatewayBench,
  [, path, body, headers]: (typeof REQUESTS)[number],
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      method: "POST",
      agent: false,
      headers: { ...auth, "Content-Type": "application/json", ...headers },
    };
    const sent = request(`${gateway.url}${path}`, options, resolve);
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

test.each(REQUESTS)("%s: a reader that never reads is cut", async (...door) => {
  const clock = createFakeClock();
  const bench = await openGatewayBench({ turns: [...TURNS], windowTokens: 1e9, gateway: { clock } });
  const finished = nextEvent(bench.core, "run.finished");
  const response = await openReader(bench, door);
  const cut = new Promise((resolve) => response.once("error", resolve));
  await finished;
  while (bench.gateway.status().connections > 0) {
    await clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  response.resume();
  expect(await cut).toMatchObject({ code: "ECONNRESET" });
});

test.each(REQUESTS.slice(1))("%s: a reader that lags loses no word, and gets none twice", async (...door) => {
  const bench = await openGatewayBench({ turns: [...TURNS], windowTokens: 1e9 });
  const finished = nextEvent(bench.core, "run.finished");
  const response = await openReader(bench, door);
  await finished;
  const words = (await text(response))
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice(6)))
    .map(({ choices, type, delta }) =>
      choices ? (choices[0]?.delta.content ?? "") : type === "response.output_text.delta" ? delta : "",
    );
  expect(words.join("").replaceAll(/\s+/g, " ") === TURNS.map(() => PIECES.join("")).join("")).toBe(true);
});
