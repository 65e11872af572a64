import { expect, test } from "vitest";
import type { ModelRequest } from "../../src/core/ports/provider.ts";
import { wellFormedMessages, wellFormedRequest } from "../../src/providers/shared/wellFormed.ts";

const HALF = "a\ud83d";
const whole: ModelRequest = {
  model: "m",
  system: "Be brief.",
  messages: [{ role: "user", text: "hi 😀", origin: { via: "api" } }],
  tools: [{ name: "t", description: "d", inputSchema: { type: "object" } }],
};

test("half a character is replaced wherever it stands: in words, calls, keys and a provider's own form", () => {
  const request: ModelRequest = {
    ...whole,
    system: HALF,
    messages: [
      {
        role: "assistant",
        text: HALF,
        model: "x/m",
        toolCalls: [{ id: "c", name: "t", input: { [HALF]: [HALF] } }],
        native: { provider: "x", content: [{ thinking: HALF }] },
      },
    ],
    tools: [{ name: "t", description: HALF, inputSchema: { enum: [HALF] } }],
  };
  const mended = { ...wellFormedRequest(request), messages: wellFormedMessages(request.messages) };
  expect(JSON.stringify(mended)).toBe(JSON.stringify(request).replaceAll("\\ud83d", "\ufffd"));
  // What was there in the turn before is mended once.
  expect(wellFormedMessages(request.messages)[0]).toBe(mended.messages[0]);
});

test("where all is well nothing is made anew, and what cannot be copied stays", () => {
  const { signal } = new AbortController();
  const tools = [{ name: "t", description: "d", inputSchema: { signal, text: HALF } }];
  expect(wellFormedMessages(whole.messages)[0]).toBe(whole.messages[0]);
  expect(wellFormedRequest(whole).tools).toBe(whole.tools);
  expect(wellFormedRequest({ ...whole, tools }).tools[0]!.inputSchema["signal"]).toBe(signal);
});
