import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAppError, type AppError } from "../../src/base/appError.ts";
import type { Provider } from "../../src/core/ports/provider.ts";
import { isOverflow, isRefusal, namedWindow } from "../../src/core/ports/providerFault.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { ProviderKind, ProviderOptions } from "../../src/providers/shared/providerKind.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import type { Fault } from "../fakes/modelTurn.ts";
import { FETCHES } from "./kinds.ts";
import { collect, failure, noSignal, options, request, toolResult, user } from "./collect.ts";

export interface SuiteSubject {
  kind: ProviderKind;
  model: string;
  startServer(): Promise<ModelServer>;
  /** What the API's base URL adds to the server's. */
  basePath: string;
  needsKey: boolean;
  /** Whether the API returns thinking to be shown and sent back. */
  replays: boolean;
}

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** What every provider of a network API promises, shown against a server that speaks the real protocol. */
export function providerSuite(subject: SuiteSubject): void {
  const { kind, model } = subject;

  describe.each(FETCHES)(`provider ${kind.api}, by $by`, (way) => {
    let server: ModelServer;
    beforeEach(async () => {
      server = await subject.startServer();
    });
    afterEach(() => server.close());

    const create = (more: Partial<ProviderOptions> = {}): Provider =>
      kind.create(options({ baseUrl: server.url + subject.basePath, fetch: way.fetch, ...more }));
    const ask = (messages: Message[] = [user("hi")]) => request(model, messages);
    const fail = async (provider: Provider, asked = ask()): Promise<AppError> => {
      const error = await failure(collect(provider, asked));
      if (!isAppError(error)) throw error;
      return error;
    };

    test("sends nothing before the first pull", async () => {
      const stream = create().stream(ask(), noSignal);
      expect(server.requests).toHaveLength(0);
      const seen = [];
      for await (const event of stream) seen.push(event);
      expect(server.requests).toHaveLength(1);
      expect(seen.at(-1)?.type).toBe("end");
    });

    test("tells text in pieces, with thinking before it", async () => {
      server.next({ thinking: "Let me see, this is easy.", text: "Hello there, this is an answer.", chunks: 8 });
      const got = await collect(create(), ask());
      expect(got.text).toBe("Hello there, this is an answer.");
      expect(got.events.filter((event) => event.type === "text").length).toBeGreaterThanOrEqual(8);
      expect(got.thinking).toBe("Let me see, this is easy.");
      expect(got.events.find(({ type }) => type === "thinking" || type === "text")?.type).toBe("thinking");
      expect(got.events[0]).toEqual({ type: "sent" });
      expect(got.end.stop).toBe("done");
    });

    test("passes the system prompt, the history and the tools on", async () => {
      await collect(
        create(),
        ask([user("one"), { role: "assistant", text: "two", toolCalls: [], model: "x/y" }, user("three")]),
      );
      expect(server.requests[0]).toMatchObject({
        model,
        system: "You are a test.",
        text: "three",
        tools: ["add", "read"],
        streamed: true,
      });
    });

    test("tells parallel calls with their input, and takes their results", async () => {
      const provider = create();
      server.next({
        thinking: "Two sums.",
        text: "I add.",
        toolCalls: [
          { name: "add", input: { a: 1, b: [2, "three"] } },
          { name: "read", input: {} },
        ],
      });
      const first = await collect(provider, ask());
      expect(first.calls.map(({ name, input }) => [name, input])).toEqual([
        ["add", { a: 1, b: [2, "three"] }],
        ["read", {}],
      ]);
      expect(new Set(first.calls.map((call) => call.id)).size).toBe(2);
      expect(first.end.stop).toBe("tool_calls");
      const results = first.calls.map((call, index) =>
        toolResult(call.id, call.name, `result ${index}`, { isError: index === 1 }),
      );
      server.next({ text: "Both are in." });
      const second = await collect(provider, ask([user("hi"), first.message, ...results]));
      expect(second.text).toBe("Both are in.");
      expect(server.requests[1]!.toolResults.map((result) => result.text)).toEqual([
        "result 0",
        expect.stringContaining("result 1"),
      ]);
    });

    test.runIf(subject.replays)("sends its own blocks back exactly, signatures and all", async () => {
      const provider = create();
      server.next({ thinking: "Signed thought.", toolCalls: [{ name: "add", input: { a: 1 } }] });
      const first = await collect(provider, ask());
      const { id, name } = first.calls[0]!;
      const history = [user("hi"), first.message, toolResult(id, name, "1")];
      await collect(provider, ask(history));
      expect(JSON.stringify(server.requests[1]!.body)).toContain(signatureOf(first.end.native));
      const other = kind.create(options({ id: "another", baseUrl: server.url + subject.basePath }));
      await collect(other, ask(history));
      expect(JSON.stringify(server.requests[2]!.body)).not.toContain(signatureOf(first.end.native));
    });

    test("repairs calls without results, results without calls, and answers in a row", async () => {
      const history: Message[] = [
        { role: "assistant", text: "before the cut", toolCalls: [], model: "x/y" },
        toolResult("gone", "read", "orphan text"),
        user("first"),
        {
          role: "assistant",
          text: "",
          toolCalls: [
            { id: "call|a.1", name: "add", input: { a: 1 } },
            { id: "b", name: "read", input: "not an object" },
          ],
          model: "x/y",
        },
        toolResult("call|a.1", "add", "2"),
        { role: "system", kind: "event", text: "The clock struck." },
        { role: "assistant", text: "", toolCalls: [], model: "x/y" },
        { role: "assistant", text: "stopped here", toolCalls: [], model: "x/y", ended: "stopped" },
        { role: "assistant", text: "and again", toolCalls: [], model: "x/y" },
      ];
      await collect(create(), ask(history));
      const sent = JSON.stringify(server.requests[0]!.body);
      expect(sent).toContain("orphan text");
      expect(sent).toContain("Interrupted: no result was recorded");
      expect(sent).toContain("<system-event>\\nThe clock struck.");
    });

    test("sends images of users and of tools, and says what it cannot show", async () => {
      const image = { name: "dot.png", mediaType: "image/png", data: PIXEL };
      const attachments = [
        image,
        { name: "a.txt", mediaType: "text/plain", data: "inside a" },
        { name: "b.zip", mediaType: "application/zip", data: "UEs=" },
      ];
      const call: Message = {
        role: "assistant",
        text: "",
        toolCalls: [{ id: "c1", name: "read", input: {} }],
        model: "x/y",
      };
      await collect(
        create(),
        ask([user("look", { attachments }), call, toolResult("c1", "read", "shot", { images: [image] })]),
      );
      const sent = JSON.stringify(server.requests[0]!.body);
      expect(sent.split(PIXEL)).toHaveLength(3);
      expect(sent).toContain("inside a");
      expect(sent).toContain("b.zip (application/zip) cannot be shown");
    });

    test("says when the output limit cut the answer", async () => {
      server.next({ text: "Once upon a", stop: LENGTH_STOPS[kind.api]! });
      expect((await collect(create(), ask())).end.stop).toBe("length");
    });

    test("counts tokens in buckets that do not overlap", async () => {
      const usage = {
        inputTokens: 100,
        outputTokens: 20,
        thinkingTokens: 7,
        cacheReadTokens: 5000,
        cacheWriteTokens: kind.api === "google" ? 0 : 300,
      };
      server.next({ text: "ok", usage });
      expect((await collect(create(), ask())).end.usage).toEqual({
        inputTokens: 100,
        outputTokens: 27,
        cacheReadTokens: 5000,
        cacheWriteTokens: usage.cacheWriteTokens,
        costUsd: null,
      });
    });

    test.each<[string, Fault, RegExp]>([
      [
        "400",
        { kind: "status", status: 400, message: "Your hat is crooked." },
        /refused the request \(400: Your hat is crooked\)/,
      ],
      ["500", { kind: "status", status: 500, message: "Oops" }, /failed \(500: Oops\)/],
      ["529", { kind: "status", status: 529, message: "Overloaded" }, /failed \(529: Overloaded\)/],
      ["500 with HTML", { kind: "status", status: 502, body: "<html>Bad gateway</html>" }, /failed \(502/],
      ["403", { kind: "status", status: 403, message: "Not yours" }, /refused the API key of provider "own" \(403/],
      ["an empty stream", { kind: "cut", at: "body" }, /broke off its answer/],
      ["a cut stream", { kind: "cut", at: "stream" }, /broke off its answer/],
      ["a reset before the headers", { kind: "reset", at: "headers" }, /connection to .* broke off/],
      ["a reset in the stream", { kind: "reset", at: "stream" }, /connection to .* broke off/],
      ["broken JSON", { kind: "badJson" }, /cannot be read/],
      ["a line of 10 MB", { kind: "hugeLine" }, /line of more than 8 MB/],
      ["bytes that are not UTF-8", { kind: "invalidUtf8" }, /not UTF-8/],
      ["an error in the stream", { kind: "streamError", message: "Overloaded" }, /failed \(5\d\d: Overloaded\)/],
    ])("%s is a provider_error, once", async (_name, fault, message) => {
      server.next({ text: "This answer is long enough to be cut in two.", fault });
      const error = await fail(create());
      expect(error.code).toBe("provider_error");
      expect(error.message).toMatch(message);
      expect(server.requests).toHaveLength(1);
    });

    test.each<["headers" | "body" | "stream", RegExp]>([
      ["headers", /did not answer within 30 s/],
      ["body", /went silent for 30 s/],
      ["stream", /went silent for 30 s/],
    ])("silence at the %s is a provider_error, once", async (at, message) => {
      const clock = createFakeClock();
      const answered = Promise.withResolvers<void>();
      const watched: typeof fetch = async (...given) => {
        const response = await fetch(...given);
        answered.resolve();
        return response;
      };
      server.next({ text: "This answer is long enough to be cut in two.", fault: { kind: "stall", at } });
      const failed = fail(create({ clock, fetch: watched, timing: { maxRetries: 0, silenceMs: 30_000 } }));
      await (at === "headers" ? server.received(1) : answered.promise);
      await clock.advance(30_000);
      expect(await failed).toMatchObject({ code: "provider_error", message: expect.stringMatching(message) });
      expect(server.requests).toHaveLength(1);
    });

    test("never tries again after the first token", async () => {
      server.next({ text: "This answer is long enough to be cut in two.", fault: { kind: "reset", at: "stream" } });
      const error = await fail(create({ timing: { maxRetries: 2 } }));
      expect(error.code).toBe("provider_error");
      expect(server.requests).toHaveLength(1);
    });

    test("tries again before it, and says so", async () => {
      server.next(
        { fault: { kind: "status", status: 503, times: 2, headers: { "retry-after-ms": "5" } } },
        { text: "there" },
      );
      const got = await collect(create({ timing: { maxRetries: 2 } }), ask());
      expect(got.text).toBe("there");
      expect(server.requests).toHaveLength(3);
      expect(got.notices).toEqual([
        expect.stringContaining("answered 503; trying again in 1 s (1 of 2)"),
        expect.stringContaining("(2 of 2)"),
      ]);
    });

    test.each([
      ["seconds", { "retry-after": "7" }, 7_000],
      ["milliseconds", { "retry-after-ms": "1500" }, 1_500],
      ["a date", { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() }, 3_600_000],
    ])("429 is rate_limited with the wait, given in %s", async (_name, headers, expected) => {
      server.next({ fault: { kind: "status", status: 429, message: "Slow down", headers } });
      const error = await fail(create());
      expect(error.code).toBe("rate_limited");
      expect(Math.abs(error.retryAfterMs! - expected)).toBeLessThan(60_000 * Number(expected > 60_000) + 1);
      expect(error.message).toContain("Slow down");
    });

    test("does not sit through a long retry-after", async () => {
      server.next({ fault: { kind: "status", status: 429, headers: { "retry-after": "3600" } } });
      const error = await fail(create({ timing: { maxRetries: 2 } }));
      expect([error.code, error.retryAfterMs]).toEqual(["rate_limited", 3_600_000]);
      expect(server.requests).toHaveLength(1);
    });

    test("says which key to fix", async () => {
      const error = await fail(create({ apiKey: () => Promise.resolve("wrong-key") }));
      expect(error.code).toBe("provider_error");
      expect(error.message).toMatch(/refused the API key of provider "own".*providers\.own\.apiKey in openclaw\.yml/);
    });

    test.runIf(subject.needsKey)("without a key says how to set one, and shows its models as not ready", async () => {
      const provider = create({ apiKey: () => Promise.resolve(undefined) });
      const error = await fail(provider);
      expect(error.code).toBe("unavailable");
      expect(error.message).toContain("Pincer: Set API key…");
      expect(error.message).toContain(kind.envKeys[0]);
      expect((await provider.models()).map((entry) => entry.ready)).not.toContain(true);
      expect(server.requests).toHaveLength(0);
    });

    test("asks for the key before every request", async () => {
      let asked = 0;
      const provider = create({ apiKey: () => Promise.resolve(`key-${++asked}`) });
      await collect(provider, ask());
      await collect(provider, ask());
      const sent = server.requests.map(
        (one) => one.headers["x-api-key"] ?? one.headers["x-goog-api-key"] ?? one.headers.authorization,
      );
      expect(sent.map((key) => key?.replace("Bearer ", ""))).toEqual(["key-1", "key-2"]);
    });

    test("a refusal that points at a message names it", async () => {
      const message = "messages.1.content.0, input[1], contents[1]: I do not like this one";
      server.next({ fault: { kind: "status", status: 400, message } });
      const history: Message[] = [
        user("one"),
        { role: "assistant", text: "the second of them", toolCalls: [], model: "x/y" },
        user("three"),
      ];
      const error = await fail(create(), { ...ask(history), system: "" });
      expect(isRefusal(error)).toBe(true);
      expect(error.message).toMatch(/message at fault is number 2 .*of (assistant|model): "the second of them"/);
    });

    test("makes an overflow of the window recognisable", async () => {
      const error = await fail(create(), ask([user("word ".repeat(900_000))]));
      expect(error.code).toBe("provider_error");
      expect(isOverflow(error)).toBe(true);
      // Those that name their window teach it.
      const named = /[\d,]{5,}/.test(error.message) ? expect.any(Number) : undefined;
      expect(namedWindow(error)).toEqual(named);
      expect(error.message).toContain(`context window of ${model}`);
    });

    test("an unknown model is named", async () => {
      const error = await fail(create(), request("no-such-model", [user("hi")]));
      expect(error.code).toBe("provider_error");
      expect(error.message).toContain("no-such-model");
    });

    test("offers its models under its own id", async () => {
      const offered = await create().models();
      expect(offered.map((entry) => entry.id)).toContain(`own/${model}`);
      expect(offered.every((entry) => entry.ready)).toBe(true);
      const named = await create({ models: ["special"] }).models();
      expect(named.map((entry) => entry.id)).toEqual(["own/special"]);
    });

    test.each<[string, Fault | undefined]>([
      ["before the headers", { kind: "stall", at: "headers" }],
      ["between two tries", { kind: "status", status: 429, headers: { "retry-after": "30" } }],
      ["in the stream", undefined],
    ])("an abort %s throws its reason and closes the socket", async (_name, fault) => {
      const controller = new AbortController();
      server.next({ text: "slow ".repeat(50), delayMs: 50, ...(fault ? { fault } : {}) });
      const running = failure(collect(create({ timing: { maxRetries: 2 } }), ask(), controller.signal));
      await server.received(1);
      const reason = new Error("enough");
      controller.abort(reason);
      expect(await running).toBe(reason);
      await server.quiet();
    });

    test("an abort before the start sends nothing", async () => {
      const error = await failure(collect(create(), ask(), AbortSignal.abort(new Error("never"))));
      expect(String(error)).toContain("never");
      expect(server.requests).toHaveLength(0);
    });

    test("a reader that stops early closes the socket", async () => {
      server.next({ text: "slow ".repeat(50), delayMs: 20 });
      for await (const event of create().stream(ask(), noSignal)) if (event.type === "text") break;
      await server.quiet();
    });

    test("a hundred aborts leave no socket behind", async () => {
      server.script(() => ({ text: "slow ".repeat(100), delayMs: 20 }));
      const provider = create();
      const runs = Array.from({ length: 100 }, async () => {
        const controller = new AbortController();
        for await (const event of provider.stream(ask(), controller.signal))
          if (event.type === "text") controller.abort(new Error("stop"));
      });
      const outcomes = await Promise.allSettled(runs);
      expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(0);
      await server.quiet();
      expect(server.openSockets()).toBe(0);
    });
  });
}

const LENGTH_STOPS: Record<string, string> = {
  anthropic: "max_tokens",
  openai: "max_output_tokens",
  "openai-chat": "length",
  google: "MAX_TOKENS",
};

/** The opaque string that an API signs its own thinking with. */
function signatureOf(native: unknown): string {
  const found = /"(?:signature|encrypted_content|thoughtSignature)":"([^"]+)"/.exec(JSON.stringify(native))?.[1];
  if (!found) throw new Error(`Nothing is signed in ${JSON.stringify(native)}`);
  return found;
}
