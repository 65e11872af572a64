import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { openGatewayBench } from "./bench.ts";

// Streams of turns that say nothing for long: their clients must not give up on them.

const chat = { path: "/v1/chat/completions", asks: { messages: [{ role: "user", content: "hi" }] }, first: "data: {" };
const formatted = { ...chat, asks: { ...chat.asks, response_format: { type: "json_object" } } };
const responses = { path: "/v1/responses", asks: { input: "hi" }, first: "event: response.created\n" };

const answered = { turn: ['{"a":1}'], told: '{\\"a\\":1}' };
const failed = { turn: [{ fail: new AppError("provider_error", "Too much for it") }], told: "Too much for it" };

test.each([
  { title: "a chat", ...chat, ...answered },
  { title: "a chat with a format", ...formatted, ...answered },
  { title: "a response", ...responses, ...answered },
  { title: "a chat that fails", ...chat, ...failed },
  { title: "a response that fails", ...responses, ...failed },
])("$title that is quiet for long has begun for its client meanwhile", async ({ path, asks, first, turn, told }) => {
  const clock = createFakeClock();
  const quiet = Promise.withResolvers<void>();
  const { gateway, auth, model } = await openGatewayBench({ clock, turns: [[{ wait: quiet.promise }, ...turn]] });
  const sent = fetch(gateway.url + path, {
    method: "POST",
    headers: { ...auth, "Content-Type": "application/json" },
    body: JSON.stringify({ model: "pincer", stream: true, ...asks }),
  });
  await expect.poll(() => model.requests).toHaveLength(1);
  await clock.advance(15_000);
  const response = await sent;
  expect(response.status).toBe(200);
  quiet.resolve();
  const text = await response.text();
  expect(text.startsWith(`: still here\n\n${first}`), text).toBe(true);
  expect(text).toContain(told);
  expect(text.endsWith("data: [DONE]\n\n"), text).toBe(true);
});
