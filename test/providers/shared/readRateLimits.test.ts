import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { anthropic } from "../../../src/providers/anthropic.ts";
import { readRateLimits } from "../../../src/providers/shared/readRateLimits.ts";
import { mayFallBack } from "../../../src/core/ports/providerFault.ts";
import { collect, failure, noSignal, options, request, user } from "../collect.ts";

const now = Date.parse("2026-11-22T10:00:00Z");

test.each([
  [
    "Anthropic, whose prompts have a limit of their own",
    {
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "49",
      "anthropic-ratelimit-requests-reset": "2026-11-22T10:00:01Z",
      "anthropic-ratelimit-tokens-limit": "90000",
      "anthropic-ratelimit-tokens-remaining": "80000",
      "anthropic-ratelimit-tokens-reset": "2026-11-22T10:00:30Z",
      "anthropic-ratelimit-input-tokens-limit": "30000",
      "anthropic-ratelimit-input-tokens-remaining": "1000",
      "anthropic-ratelimit-input-tokens-reset": "2026-11-22T10:00:58Z",
    },
    {
      requests: { limit: 50, left: 49, resetMs: 1000 },
      tokens: { limit: 30_000, left: 1000, resetMs: 58_000 },
    },
  ],
  [
    "OpenAI",
    {
      "x-ratelimit-limit-requests": "5000",
      "x-ratelimit-remaining-requests": "4999",
      "x-ratelimit-reset-requests": "12ms",
      "x-ratelimit-limit-tokens": "160000",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "1h6m0.5s",
    },
    {
      requests: { limit: 5000, left: 4999, resetMs: 12 },
      tokens: { limit: 160_000, left: 0, resetMs: 3_960_500 },
    },
  ],
  [
    "one that knows nothing",
    {
      "x-ratelimit-limit-tokens": "-1",
      "x-ratelimit-remaining-tokens": "-1",
      "x-ratelimit-reset-tokens": "0",
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "",
      "x-ratelimit-reset-requests": "soon",
    },
    undefined,
  ],
  [
    "one whose time is no number",
    {
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1.2.3",
    },
    undefined,
  ],
  ["one that says nothing", {}, undefined],
])("reads the limits of %s", (_, headers, expected) => {
  expect(readRateLimits(new Headers(headers as Record<string, string>), now)).toEqual(expected);
});

const headers = {
  "anthropic-ratelimit-requests-limit": "50",
  "anthropic-ratelimit-requests-remaining": "0",
  "anthropic-ratelimit-requests-reset": "2000-01-01T00:00:00Z",
};
const limits = { requests: { limit: 50, left: 0, resetMs: 0 } };

test("an answer tells them before its first token", async () => {
  const recorded = readFileSync(new URL("../../golden/providers/anthropic-cached-tool.sse", import.meta.url));
  const body = new Uint8Array(recorded.subarray(recorded.indexOf(10) + 1));
  const fetch = async () => new Response(body, { headers: { "content-type": "text/event-stream", ...headers } });
  const got = await collect(anthropic.create(options({ fetch })), request("claude-sonnet-5-5", [user("hi")]));
  expect(got.events.slice(0, 2)).toEqual([{ type: "sent" }, { type: "limits", limits }]);
  expect(got.events.filter((event) => event.type === "limits")).toHaveLength(1);
});

test("so does a refusal, which another provider may stand in for", async () => {
  const fetch = async () =>
    Response.json({ error: { type: "rate_limit_error", message: "Slow" } }, { status: 429, headers });
  const stream = anthropic.create(options({ fetch })).stream(request("claude-sonnet-5-5", [user("hi")]), noSignal);
  const parts = stream[Symbol.asyncIterator]();
  expect((await parts.next()).value).toEqual({ type: "sent" });
  expect((await parts.next()).value).toEqual({ type: "limits", limits });
  const error = await failure(parts.next());
  expect(error).toMatchObject({ code: "rate_limited" });
  expect(mayFallBack(error)).toBe(true);
});

test.each([
  [500, true],
  [529, true],
  [503, true],
  [401, false],
  [400, false],
  [404, false],
])("a %i lets another model answer: %s", async (status, expected) => {
  const fetch = async () => Response.json({ error: { type: "x", message: "No" } }, { status });
  const provider = anthropic.create(options({ fetch }));
  expect(mayFallBack(await failure(collect(provider, request("claude-sonnet-5-5", [user("hi")]))))).toBe(expected);
});

test("a server out of reach, or no key, lets another model answer", async () => {
  const fetch = async () =>
    Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND x") }));
  const asked = request("claude-sonnet-5-5", [user("hi")]);
  expect(mayFallBack(await failure(collect(anthropic.create(options({ fetch })), asked)))).toBe(true);
  const keyless = anthropic.create(options({ apiKey: async () => undefined }));
  expect(mayFallBack(await failure(collect(keyless, asked)))).toBe(true);
});
