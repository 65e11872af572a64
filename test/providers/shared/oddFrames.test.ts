import { describe, expect, test } from "vitest";
import { isAppError } from "../../../src/base/appError.ts";
import { boundAnswer } from "../../../src/core/models/boundAnswer.ts";
import type { Provider } from "../../../src/core/ports/provider.ts";
import { collect, failure, options, request, user } from "../collect.ts";
import { KINDS } from "../kinds.ts";

type Kind = (typeof KINDS)[number];

const SSE = { headers: { "content-type": "text/event-stream" } };

/** A provider whose server sends these bytes in pieces of `size`, as the core asks it. */
function sending({ kind }: Kind, body: string, size = 100_000): Provider {
  const bytes = new TextEncoder().encode(body);
  const fetch: typeof globalThis.fetch = () => {
    let at = 0;
    const pull = (controller: ReadableStreamDefaultController) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += size)));
    };
    return Promise.resolve(new Response(new ReadableStream({ pull }), SSE));
  };
  return boundAnswer(kind.create(options({ baseUrl: "http://far.example/v1", fetch })));
}

const ask = (of: Kind, body: string, size?: number) =>
  collect(sending(of, body, size), request(of.model, [user("hi")]));
const [anthropic, openai, google, chat] = KINDS as [Kind, Kind, Kind, Kind];

const named = (...events: { type: string; [field: string]: unknown }[]) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const unnamed = (...chunks: unknown[]) => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
const choice = (delta: unknown, more: object = {}) => ({ choices: [{ index: 0, delta, ...more }] });
const candidate = (parts: unknown, more: object = {}) => ({ candidates: [{ content: { parts }, ...more }] });
const delta = (told: unknown) => ({ type: "content_block_delta", index: 0, delta: told });

/** The events of an answer of "Héllo", as the API sends them. */
const FINE = new Map<Kind, string[]>([
  [
    anthropic,
    named(
      { type: "message_start", message: { usage: { input_tokens: 7 } } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      delta({ type: "text_delta", text: "Hé" }),
      delta({ type: "text_delta", text: "llo" }),
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
      { type: "message_stop" },
    ),
  ],
  [
    openai,
    named(
      { type: "response.output_text.delta", delta: "Hé" },
      { type: "response.output_text.delta", delta: "llo" },
      { type: "response.completed", response: { status: "completed", output: [] } },
    ),
  ],
  [google, unnamed(candidate([{ text: "Hé" }]), candidate([{ text: "llo" }], { finishReason: "STOP" }))],
  [
    chat,
    [
      ...unnamed(choice({ content: "Hé" }), choice({ content: "llo" }), choice({}, { finish_reason: "stop" })),
      "data: [DONE]\n\n",
    ],
  ],
]);

describe.each(KINDS)("$kind.api", (of) => {
  test.each([
    ["data", "data:\n\n"],
    ["a space", "data: \n\n"],
    ["a name", "event: ping\n\n"],
    ["a name and no data", "event: keepalive\ndata:\n\n"],
    ["a comment", ": still here\n\n"],
    ["a name, as Windows ends lines", "event: ping\r\n\r\n"],
  ])("an event of no more than %s says nothing, wherever the wire cuts it", async (_name, empty) => {
    const body = FINE.get(of)!
      .flatMap((event) => [empty, event])
      .join("");
    for (const size of [1, 7, 100_000]) expect(await ask(of, body, size)).toMatchObject({ text: "Héllo" });
  });

  test("the last event may end with the stream", async () => {
    const body = FINE.get(of)!.join("");
    expect((await ask(of, `\ufeff${body}event: ping\n`, 5)).text).toBe("Héllo");
  });
});

const UNREADABLE: [Kind, string, string[]][] = [
  [chat, "null in place of a chunk", unnamed(null)],
  [chat, "a choice that is null", unnamed({ choices: [null] })],
  [chat, "choices that are no list", unnamed({ choices: {} })],
  [chat, "a call that is null", unnamed(choice({ tool_calls: [null] }))],
  [chat, "calls that are no list", unnamed(choice({ tool_calls: {} }))],
  [chat, "a number as content", unnamed(choice({ content: 5 }))],
  [chat, "true as content", unnamed(choice({ content: true }))],
  [chat, "an object as content", unnamed(choice({ content: { a: 1 } }))],
  [chat, "an object as a call's name", unnamed(choice({ tool_calls: [{ index: 0, function: { name: {} } }] }))],
  [anthropic, "null in place of an event", ["event: content_block_delta\ndata: null\n\n"]],
  [anthropic, "a delta that is null", named(delta(null))],
  [anthropic, "an object as text", named(delta({ type: "text_delta", text: { a: 1 } }))],
  [anthropic, "a number as thinking", named(delta({ type: "thinking_delta", thinking: 5 }))],
  [anthropic, "a block that is null", named({ type: "content_block_start", index: 0, content_block: null })],
  [openai, "null in place of an event", unnamed(null)],
  [openai, "an object as text", named({ type: "response.output_text.delta", delta: { a: 1 } })],
  [openai, "a number as thinking", named({ type: "response.reasoning_text.delta", delta: 5 })],
  [openai, "an item that is null", named({ type: "response.output_item.done", item: null })],
  [google, "a part that is null", unnamed(candidate([null]))],
  [google, "an object as text", unnamed(candidate([{ text: { a: 1 } }]))],
];

test.each(UNREADABLE.map(([of, what, events]) => ({ api: of.kind.api, of, what, events })))(
  "$api: $what cannot be read, which is the provider's error",
  async ({ of, events }) => {
    const error = await failure(ask(of, [...events, ...FINE.get(of)!].join("")));
    if (!isAppError(error)) throw error;
    expect(error).toMatchObject({ code: "provider_error", message: expect.stringContaining("cannot be read") });
  },
);

test.each([
  [chat, unnamed(choice({ content: "a" }, { finish_reason: 5 }))],
  [anthropic, named({ type: "message_delta", delta: { stop_reason: 5 } }, { type: "message_stop" })],
  [google, unnamed(candidate([{ text: "a" }], { finishReason: 5 }))],
])("a reason to stop that is a number is not known", async (of, events) => {
  expect(await failure(ask(of, events.join("")))).toMatchObject({
    code: "provider_error",
    message: expect.stringContaining("ended its answer with 5, and what that means is not known"),
  });
});

test("no text is none, and thinking that is an object is its text", async () => {
  const odd = [{ text: "I need" }, { a: 1 }, 5, null];
  const got = await ask(
    chat,
    [
      ...unnamed(...odd.map((reasoning_content) => choice({ reasoning_content }))),
      ...unnamed(choice({ reasoning: { text: " more" } }), choice({ content: [null, { type: "text", text: "So. " }] })),
      ...FINE.get(chat)!,
    ].join(""),
  );
  expect(got).toMatchObject({ thinking: "I need more", text: "So. Héllo" });
  expect(got.end.native).toEqual({ reasoning_content: "I need" });
  const none = delta({ type: "text_delta", text: null });
  const blocks = FINE.get(anthropic)!;
  const said = await ask(anthropic, [...blocks.slice(0, 2), ...named(none), ...blocks.slice(2)].join(""));
  expect(said.text).toBe("Héllo");
  const silent = named({ type: "response.output_text.delta", delta: null });
  expect((await ask(openai, [...silent, ...FINE.get(openai)!].join(""))).text).toBe("Héllo");
});

test.each([1e19, 1e10, 2 ** 53])("a count of %d tokens is one that no request has, and is not told", async (many) => {
  const counts = { prompt_tokens: many, completion_tokens: 2, total_tokens: many };
  const spent = await ask(chat, [...unnamed({ choices: [], usage: counts }), ...FINE.get(chat)!].join(""));
  expect(spent.end.usage).toMatchObject({ inputTokens: 0, outputTokens: 2 });
  const start = named({ type: "message_start", message: { usage: { input_tokens: many, output_tokens: 3 } } });
  const other = await ask(anthropic, [...start, ...FINE.get(anthropic)!.slice(1)].join(""));
  expect(other.end.usage).toMatchObject({ inputTokens: 0, outputTokens: 2 });
  const usage = { input_tokens: 4, output_tokens: many };
  const completed = named({ type: "response.completed", response: { status: "completed", output: [], usage } });
  const third = await ask(openai, [...FINE.get(openai)!.slice(0, 2), ...completed].join(""));
  expect(third.end.usage).toMatchObject({ inputTokens: 4, outputTokens: 0 });
  const metadata = unnamed({ usageMetadata: { promptTokenCount: 4, candidatesTokenCount: many } });
  const fourth = await ask(google, [...metadata, ...FINE.get(google)!].join(""));
  expect(fourth.end.usage).toMatchObject({ inputTokens: 4, outputTokens: 0 });
});

test("a call's id may be a number", async () => {
  const made = { index: 0, id: 7, function: { name: "read", arguments: "{}" } };
  const got = await ask(chat, [...unnamed(choice({ tool_calls: [made] })), ...FINE.get(chat)!].join(""));
  expect(got.calls).toMatchObject([{ id: "7", name: "read", input: {} }]);
});
