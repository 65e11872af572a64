import { expect, test } from "vitest";
import { openaiChat } from "../../src/providers/openaiChat.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { options } from "./collect.ts";

const baseUrl = "http://127.0.0.1:11434/v1";
const down = () => Promise.reject(new TypeError("fetch failed"));
const listing = () => Promise.resolve(Response.json({ data: [{ id: "qwen3", context_length: 4096 }] }));
const answering = (status: number, body = "{}") => Promise.resolve(new Response(body, { status }));

/** A server that answers as `answer` does. */
function server(answer: () => Promise<Response>, models?: string[]) {
  const state = { answer };
  const fetch = () => state.answer();
  return { state, provider: openaiChat.create(options({ baseUrl, fetch, ...(models && { models }) })) };
}

test("what a server listed stays known while it is away, with its window", async () => {
  const { provider, state } = server(down);
  expect(await provider.models()).toEqual([]);
  state.answer = listing;
  const qwen = { id: "own/qwen3", provider: "own", name: "qwen3", windowTokens: 4096 };
  expect(await provider.models()).toEqual([{ ...qwen, ready: true }]);
  state.answer = down;
  const reason = `Nothing answers at ${baseUrl}. Start the server of provider "own".`;
  expect(await provider.models()).toEqual([{ ...qwen, ready: false, reason }]);
});

test.each([
  [401, false, `${baseUrl}/models answered 401: it refuses the key of provider "own".`],
  [500, false, `${baseUrl}/models answered 500.`],
  [200, false, `${baseUrl}/models answered 200.`],
  // It has no such list, and may have all else.
  [404, true, `${baseUrl}/models answered 404: whether it has this model is not known.`],
  [405, true, `${baseUrl}/models answered 405: whether it has this model is not known.`],
])("a list that is answered with %i", async (status, ready, reason) => {
  const [model] = await server(() => answering(status, "<p>not this</p>"), ["qwen3"]).provider.models();
  expect(model).toEqual({ id: "own/qwen3", provider: "own", name: "qwen3", ready, reason });
});

test("a list may take a while once it has begun, and a server that does not begin is not waited for", async () => {
  const clock = createFakeClock();
  const rest = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<AbortSignal>();
  const fetch = async (_url: unknown, init?: RequestInit) => {
    asked.resolve(init!.signal!);
    const body = new ReadableStream({
      async pull(stream) {
        await rest.promise;
        stream.enqueue(new TextEncoder().encode('{"data":[{"id":"late"}]}'));
        stream.close();
      },
    });
    return new Response(body);
  };
  const listed = openaiChat.create(options({ baseUrl, clock, fetch })).models();
  const signal = await asked.promise;
  await clock.advance(0);
  await clock.advance(5_000);
  expect(signal.aborted).toBe(false);
  rest.resolve();
  expect(await listed).toMatchObject([{ name: "late", ready: true }]);

  const never: typeof fetch = (_url, init) =>
    new Promise((_, reject) => init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason)));
  const hung = openaiChat.create(options({ baseUrl, clock, fetch: never, models: ["m"] })).models();
  await clock.advance(3_000);
  expect(await hung).toMatchObject([{ name: "m", ready: false }]);
});

test("of what a server lists, what is no model is passed over, and a window that is no number is not known", async () => {
  const data = [
    null,
    "qwen",
    { id: 5 },
    { id: "a", context_length: "4096" },
    { id: "b", context_length: 1e300 },
    { id: "c", meta: { n_ctx: {} } },
  ];
  const { provider } = server(() => Promise.resolve(Response.json({ data })));
  expect((await provider.models()).map(({ name, windowTokens }) => [name, windowTokens])).toEqual([
    ["a", 4096],
    ["b", undefined],
    ["c", undefined],
  ]);
});
