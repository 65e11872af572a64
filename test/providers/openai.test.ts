import { expect, onTestFinished, test } from "vitest";
import { openai } from "../../src/providers/openai.ts";
import { startOpenaiServer } from "../fakes/openaiServer.ts";
import { collect, options, request, user } from "./collect.ts";
import { providerSuite } from "./providerSuite.ts";

providerSuite({
  kind: openai,
  model: "gpt-6.1-terra",
  startServer: startOpenaiServer,
  basePath: "/v1",
  needsKey: true,
  replays: true,
});

test("an organisation that is not verified is asked without what it may not have, which is said once", async () => {
  const server = await startOpenaiServer();
  onTestFinished(() => server.close());
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch = (url, init) => {
    const { stream, reasoning } = JSON.parse(init!.body as string) as {
      stream: boolean;
      reasoning: { summary?: string };
    };
    sent.push(`${stream ? "stream" : "whole"} ${reasoning.summary}`);
    const what = reasoning.summary ? "generate reasoning summaries" : stream ? "stream this model" : undefined;
    if (what === undefined) return globalThis.fetch(url, init);
    const message = `Your organization must be verified to ${what}. Please go to: https://platform.openai.com/settings`;
    const error = { message, type: "invalid_request_error", param: "reasoning.summary", code: "unsupported_value" };
    return Promise.resolve(Response.json({ error }, { status: 400 }));
  };
  const provider = openai.create(options({ baseUrl: `${server.url}/v1`, fetch }));
  server.next({ text: "hello", toolCalls: [{ name: "read", input: { path: "a" } }] });
  const first = await collect(provider, request("gpt-6-luna", [user("hi")]));
  expect(first).toMatchObject({ text: "hello", calls: [{ name: "read", input: { path: "a" } }] });
  expect(first.notices).toEqual([expect.stringContaining("summaries"), expect.stringContaining("one piece")]);
  server.next({ text: "again" });
  expect(await collect(provider, request("gpt-6-luna", [user("hi")]))).toMatchObject({ text: "again", notices: [] });
  expect(sent).toEqual(["stream auto", "stream undefined", "whole undefined", "whole undefined"]);
});

test("what one model may not have is told to each request of it under way, and is asked of others", async () => {
  const server = await startOpenaiServer();
  onTestFinished(() => server.close());
  const both = Promise.withResolvers<void>();
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const { model, stream } = JSON.parse(init!.body as string) as { model: string; stream: boolean };
    sent.push(`${model} ${stream ? "stream" : "whole"}`);
    if (sent.length === 2) both.resolve();
    await both.promise;
    if (!stream || model !== "gpt-6-luna") return globalThis.fetch(url, init);
    const message = "Your organization must be verified to stream this model.";
    return Response.json({ error: { message, type: "invalid_request_error", param: "stream" } }, { status: 400 });
  };
  const provider = openai.create(options({ baseUrl: `${server.url}/v1`, fetch }));
  for (const text of ["one", "two", "three"]) server.next({ text });
  const ask = (model: string) => collect(provider, request(model, [user("hi")]));
  const luna = await Promise.all([ask("gpt-6-luna"), ask("gpt-6-luna")]);
  expect(luna.map(({ text }) => text).toSorted()).toEqual(["one", "two"]);
  expect(luna.flatMap(({ notices }) => notices)).toHaveLength(1);
  expect(await ask("gpt-6.1-sol")).toMatchObject({ text: "three", notices: [] });
  expect(sent.slice(2)).toEqual(["gpt-6-luna whole", "gpt-6-luna whole", "gpt-6.1-sol stream"]);
});
