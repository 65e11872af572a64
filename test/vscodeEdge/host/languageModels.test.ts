import { expect, test } from "vitest";
import { AppError } from "../../../src/base/appError.ts";
import type * as vscode from "vscode";
import type { ModelRequest } from "../../../src/core/ports/provider.ts";
import { isOverflow, mayFallBack } from "../../../src/core/ports/providerFault.ts";
import { createLanguageModels, type LanguageModelApi } from "../../../src/vscode/host/languageModels.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { collect, failure, tool, toolResult, user } from "../../providers/collect.ts";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

class Text {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
}
class ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly input: object;
  constructor(callId: string, name: string, input: object) {
    this.callId = callId;
    this.name = name;
    this.input = input;
  }
}
class ToolResult {
  readonly callId: string;
  readonly content: unknown[];
  constructor(callId: string, content: unknown[]) {
    this.callId = callId;
    this.content = content;
  }
}
class EditorError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
  static NoPermissions = (message = "") => new EditorError("NoPermissions", message);
  static Blocked = (message = "") => new EditorError("Blocked", message);
  static NotFound = (message = "") => new EditorError("NotFound", message);
}

interface Sent {
  messages: { role: string; content: unknown[] }[];
  tools: vscode.LanguageModelChatTool[];
  token: { cancelled: boolean };
}

/** An editor with one model, which answers with these parts. */
function openEditor(
  options: {
    parts?: unknown[];
    access?: boolean;
    fail?: Error;
    hangs?: boolean;
    breaks?: Error;
    asks?: boolean;
    count?: () => Promise<number>;
  } = {},
) {
  const clock = createFakeClock();
  const sent: Sent[] = [];
  const chat = {
    id: "gpt-9",
    maxInputTokens: 64_000,
    countTokens: options.count ?? (async (text: string) => text.split(/\s+/).length),
    async sendRequest(messages: Sent["messages"], { tools }: { tools: Sent["tools"] }, token: Sent["token"]) {
      sent.push({ messages, tools, token });
      if (options.fail) throw options.fail;
      if (options.asks) await new Promise(() => {});
      return {
        stream: (async function* () {
          yield* options.parts ?? [new Text("Hello "), new Text("there.")];
          if (options.hangs) await new Promise(() => {});
          if (options.breaks) throw options.breaks;
        })(),
      };
    },
  };
  const message = (role: string) => (content: unknown[]) => ({ role, content });
  const api = {
    l10n: { t: (text: string) => text },
    lm: {
      selectChatModels: async ({ id }: { id?: string } = {}) => (id === undefined || id === chat.id ? [chat] : []),
    },
    CancellationTokenSource: class {
      token = { cancelled: false };
      cancel() {
        this.token.cancelled = true;
      }
      dispose() {}
    },
    LanguageModelChatMessage: { User: message("user"), Assistant: message("assistant") },
    LanguageModelDataPart: { image: (data: Uint8Array, mime: string) => ({ mime, bytes: data.length }) },
    LanguageModelError: EditorError,
    LanguageModelTextPart: Text,
    LanguageModelToolCallPart: ToolCall,
    LanguageModelToolResultPart: ToolResult,
  } as unknown as LanguageModelApi;
  return {
    provider: createLanguageModels(
      api,
      { canSendRequest: () => options.access },
      { ask: (question) => Promise.resolve(question()) },
      clock,
    ),
    clock,
    sent,
  };
}

function request(more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: "gpt-9",
    system: "Be a test.",
    messages: [user("hi")],
    tools: [tool("add")],
    attended: true,
    ...more,
  };
}

test("offers what the editor offers, ready unless the user said no", async () => {
  const known = { id: "vscode/gpt-9", provider: "vscode", name: "gpt-9", windowTokens: 64_000 };
  expect(await openEditor({ access: true }).provider.models()).toEqual([{ ...known, ready: true }]);
  expect(await openEditor().provider.models()).toEqual([{ ...known, ready: true }]);
  expect(await openEditor({ access: false }).provider.models()).toEqual([
    { ...known, ready: false, reason: expect.stringContaining("Send a message") },
  ]);
});

test("tells text and calls, and counts with the model's own tokenizer", async () => {
  const { provider, sent } = openEditor({
    parts: [new Text("I add."), new ToolCall("c1", "add", { a: 1 }), new ToolCall("c2", "add", { a: 2 }), { other: 1 }],
  });
  const got = await collect(provider, request());
  expect(got.text).toBe("I add.");
  expect(got.calls).toEqual([
    { type: "toolCall", id: "c1", name: "add", input: { a: 1 } },
    { type: "toolCall", id: "c2", name: "add", input: { a: 2 } },
  ]);
  expect(got.end).toMatchObject({ stop: "tool_calls", usage: { outputTokens: 2, cacheReadTokens: 0, costUsd: null } });
  expect(got.end.usage!.inputTokens).toBeGreaterThan(4);
  expect(sent[0]!.tools).toEqual([{ name: "add", description: "The add tool.", inputSchema: expect.anything() }]);
});

test("sends the system prompt first, calls with their results, and images", async () => {
  const { provider, sent } = openEditor();
  const image = { name: "dot.png", mediaType: "image/png", data: PIXEL };
  await collect(
    provider,
    request({
      messages: [
        user("look", { attachments: [image, { name: "b.zip", mediaType: "application/zip", data: "UEs=" }] }),
        {
          role: "assistant",
          text: "adding",
          toolCalls: [
            { id: "c1", name: "add", input: { a: 1 } },
            { id: "c2", name: "add", input: "broken" },
          ],
          model: "x/y",
        },
        toolResult("c1", "add", "2", { images: [image] }),
        toolResult("c2", "add", "no", { isError: true }),
      ],
    }),
  );
  const pixels = { mime: "image/png", bytes: 70 };
  expect(sent[0]!.messages).toEqual([
    { role: "user", content: [new Text("Be a test.")] },
    {
      role: "user",
      content: [
        pixels,
        new Text("[Attachment b.zip (application/zip) cannot be shown to this model]"),
        new Text("look"),
      ],
    },
    {
      role: "assistant",
      content: [
        new Text("adding"),
        new ToolCall("c1", "add", { a: 1 }),
        new ToolCall("c2", "add", { invalid: "broken" }),
      ],
    },
    {
      role: "user",
      content: [new ToolResult("c1", [new Text("2"), pixels]), new ToolResult("c2", [new Text("[error] no")])],
    },
  ]);
});

test.each([undefined, false])("nobody is asked for consent when nobody is there (%s)", async (access) => {
  const { provider, sent } = openEditor({ access });
  const error = await failure(collect(provider, request({ attended: false })));
  expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("panel") });
  expect(mayFallBack(error)).toBe(true);
  expect(sent).toHaveLength(0);
});

test("with consent given, anything may use it", async () => {
  const { provider } = openEditor({ access: true });
  expect((await collect(provider, request({ attended: false }))).text).toBe("Hello there.");
});

test.each([
  [EditorError.NoPermissions("no"), "unavailable"],
  [EditorError.Blocked("quota exceeded"), "rate_limited"],
  [EditorError.NotFound("gone"), "unavailable"],
  [new Error("net::ERR_FAILED"), "provider_error"],
])("%s becomes %s, and another model may answer", async (fail, code) => {
  const error = await failure(collect(openEditor({ fail }).provider, request()));
  expect(error).toMatchObject({ code });
  expect(mayFallBack(error)).toBe(true);
});

test("a history that is too long is recognised", async () => {
  const fail = new Error("Message exceeds token limit.");
  expect(isOverflow(await failure(collect(openEditor({ fail }).provider, request())))).toBe(true);
});

test("a model that is gone says so", async () => {
  const error = await failure(collect(openEditor().provider, request({ model: "gpt-1" })));
  expect(error).toMatchObject({ code: "unavailable", message: expect.stringContaining("gpt-1") });
});

test("an abort cancels the editor's request at once", async () => {
  const { provider, sent } = openEditor({ hangs: true });
  const stop = new AbortController();
  const stream = provider.stream(request(), stop.signal)[Symbol.asyncIterator]();
  expect((await stream.next()).value).toEqual({ type: "sent" });
  expect((await stream.next()).value).toEqual({ type: "text", text: "Hello " });
  await stream.next();
  const next = stream.next();
  stop.abort(new Error("cancelled"));
  await expect(next).rejects.toThrow("cancelled");
  expect(sent[0]!.token.cancelled).toBe(true);
});

test.each([
  ["fails", () => Promise.reject(new Error("no tokenizer"))],
  ["hangs", () => new Promise<number>(() => {})],
])("an answer is there although the count of its tokens %s", async (_how, count) => {
  const { provider, clock } = openEditor({ count });
  const answer = collect(provider, request());
  await expect.poll(() => clock.advance(5_000).then(() => clock.waiting())).toBe(0);
  expect(await answer).toMatchObject({ text: "Hello there.", end: { usage: null, stop: "done" } });
});

/** The kinds of what a request told that failed so; time passes until it does. */
async function told({ provider, clock }: ReturnType<typeof openEditor>): Promise<string[]> {
  const kinds: string[] = [];
  const read = async () => {
    for await (const { type } of provider.stream(request(), new AbortController().signal)) kinds.push(type);
  };
  const failed = failure(read());
  await clock.advance(120_000);
  await failed;
  return kinds;
}

test("one that its model had begun to answer, or kept waiting, was taken in; one that was refused, or waits for consent, was not", async () => {
  const broken = (breaks: Error) => openEditor({ parts: [], breaks });
  const taken = [
    openEditor({ parts: [], hangs: true }),
    openEditor({ asks: true, access: true }),
    broken(new Error("net::ERR_FAILED")),
    broken(new AppError("unavailable", "The window gives no answer")),
  ];
  for (const editor of taken) expect(await told(editor)).toEqual(["sent", "taken"]);
  const fails = [EditorError.Blocked("quota exceeded"), new Error("Message exceeds token limit.")];
  const refused = [openEditor({ fail: new Error("net::ERR_FAILED") }), ...fails.map(broken)];
  for (const editor of refused) expect(await told(editor)).toEqual(["sent"]);
});

test("a model that goes silent is given up, and another one may answer", async () => {
  const { provider, clock, sent } = openEditor({ hangs: true });
  const answer = failure(collect(provider, request()));
  await clock.advance(119_000);
  expect(sent[0]!.token.cancelled).toBe(false);
  await clock.advance(1_000);
  const error = await answer;
  expect(error).toMatchObject({ code: "provider_error", message: "gpt-9 of VS Code was silent for 120 s" });
  expect(mayFallBack(error)).toBe(true);
  expect(sent[0]!.token.cancelled).toBe(true);
});

test("the user's consent may take any time, and a request that has it may not", async () => {
  const waiting = openEditor({ asks: true });
  const stop = new AbortController();
  const asked = failure(collect(waiting.provider, request(), stop.signal));
  await waiting.clock.advance(600_000);
  expect(waiting.sent[0]!.token.cancelled).toBe(false);
  stop.abort(new Error("cancelled"));
  expect(await asked).toMatchObject({ message: "cancelled" });
  const allowed = openEditor({ asks: true, access: true });
  const error = failure(collect(allowed.provider, request()));
  await allowed.clock.advance(120_000);
  expect(await error).toMatchObject({ message: expect.stringContaining("silent for 120 s") });
});
