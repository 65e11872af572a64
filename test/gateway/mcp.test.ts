import { Client, type ClientOptions, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, onTestFinished, test } from "vitest";
import { nextEvent } from "../core/bench.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import type { Turn } from "../fakes/scriptedProvider.ts";
import { type GatewayBenchOptions, openGatewayBench, TOKEN } from "./bench.ts";

const SCOPES = (["admin", "write", "read"] as const).map((scope) => ({ name: scope, value: TOKEN + scope, scope }));

async function openMcp(options: GatewayBenchOptions = {}) {
  const bench = await openGatewayBench({ ...options, gateway: { tokens: SCOPES, ...options.gateway } });
  const connect = async (scope: string, given: ClientOptions = {}) => {
    const client = new Client({ name: "test", version: "1" }, given);
    const requestInit = { headers: { Authorization: `Bearer ${TOKEN}${scope}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${bench.gateway.url}/mcp`), { requestInit }));
    onTestFinished(() => client.close());
    return client;
  };
  return { ...bench, connect };
}

test.each(["legacy", "auto"] as const)(
  "the official client (%s) drives sessions, jobs and workspace tools",
  async (mode) => {
    const { connect, core } = await openMcp({ turns: [["to you"], ["child"]] });
    const client = await connect("write", { versionNegotiation: { mode } });
    expect(client.getServerVersion()).toMatchObject({ name: "pincer" });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "sessions_send",
      "sessions_spawn",
      "sessions_steer",
      "sessions_cancel",
      "subagents_list",
      "sessions_list",
      "sessions_history",
      "session_status",
      "runs_wait",
      "cron_list",
      "cron_add",
      "cron_update",
      "cron_remove",
      "cron_run",
      "add",
      "note",
    ]);
    for (const { inputSchema } of tools) expect(JSON.stringify(inputSchema)).not.toContain("#/components");

    const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args });
    const sent = await call("sessions_send", { message: "hi" });
    expect(sent.structuredContent).toMatchObject({ status: "ok", reply: "to you", sessionKey: "main" });
    expect(JSON.parse((sent.content as { text: string }[])[0]!.text)).toEqual(sent.structuredContent);
    expect(
      (await core.sessions.history("main", { limit: 1, includeTools: false, before: 3 })).messages[0],
    ).toMatchObject({
      origin: { via: "mcp", id: "write" },
    });
    expect((await call("sessions_spawn", { task: "look" })).structuredContent).toMatchObject({ reply: "child" });
    expect((await call("sessions_list", { kinds: ["isolated"] })).structuredContent).toMatchObject({ count: 1 });
    const job = {
      name: "n",
      schedule: { kind: "every", everyMs: 3_600_000 },
      payload: { kind: "systemEvent", text: "t" },
      sessionTarget: "main",
    };
    expect((await call("cron_add", { job })).structuredContent).toMatchObject({ job: { name: "n" } });
    expect(await call("add", { a: 2, b: 3 })).toMatchObject({ content: [{ type: "text", text: "5" }] });
  },
);

test("failures are results that say what is wrong", async () => {
  const { connect } = await openMcp();
  const client = await connect("write");
  for (const [name, args, words] of [
    ["sessions_send", { message: "x", sessionKey: "nowhere" }, "not_found: No session"],
    ["sessions_send", {}, "bad_request: message: Expected some text"],
    ["add", { a: "x" }, "not valid"],
  ] as const) {
    const { isError, content } = await client.callTool({ name, arguments: args });
    expect([isError, (content as { text: string }[])[0]!.text], name).toEqual([true, expect.stringContaining(words)]);
  }
});

test("what names nothing that is there is a protocol error", async () => {
  const { connect } = await openMcp();
  const client = await connect("write");
  for (const name of ["no_such", "constructor", "cron", ""])
    await expect(client.callTool({ name, arguments: {} }), name).rejects.toMatchObject({ code: -32602 });
  for (const uri of [
    "pincer://sessions/nowhere",
    "pincer://sessions/",
    "pincer://sessions/%E0%A4%A",
    "file:///etc/passwd",
  ])
    await expect(client.readResource({ uri }), uri).rejects.toMatchObject({ code: -32602 });
  for (const [name, given] of [
    ["none", {}],
    ["delegate", {}],
    ["catch_up", { session: "nowhere" }],
  ] as const)
    await expect(client.getPrompt({ name, arguments: given }), name).rejects.toMatchObject({ code: -32602 });
});

test("tools have titles, hints that fit what they do, and schemas that their results keep", async () => {
  const { connect } = await openMcp({ turns: [["hello"]] });
  const client = await connect("write");
  const { tools } = await client.listTools();
  const shown = Object.fromEntries(tools.map((tool) => [tool.name, tool]));
  expect(shown["sessions_list"]).toMatchObject({
    title: "List sessions",
    outputSchema: { type: "object" },
    annotations: { title: "List sessions", readOnlyHint: true, openWorldHint: false },
  });
  expect(shown["cron_remove"]).toMatchObject({
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  });
  expect(shown["cron_add"]).toMatchObject({ annotations: { readOnlyHint: false, destructiveHint: false } });
  expect(shown["note"]).toMatchObject({ title: "Note", annotations: { readOnlyHint: false, destructiveHint: true } });
  // The official client holds each result against the schema.
  for (const [name, given] of [
    ["sessions_send", { message: "hi" }],
    ["sessions_list", {}],
    ["sessions_history", { sessionKey: "main" }],
    ["session_status", {}],
    ["cron_list", {}],
    ["subagents_list", {}],
  ] as const)
    expect((await client.callTool({ name, arguments: given })).structuredContent, name).toBeDefined();
});

test("sessions are resources, and there are prompts for them", async () => {
  const { connect } = await openMcp({ turns: [["hello"]] });
  const client = await connect("read");
  await (await connect("write")).callTool({ name: "sessions_send", arguments: { message: "hi there" } });
  const { resources } = await client.listResources();
  expect(resources).toMatchObject([{ uri: "pincer://sessions/main", name: "main", mimeType: "text/markdown" }]);
  const { contents } = await client.readResource({ uri: "pincer://sessions/main" });
  expect(contents).toEqual([
    { uri: "pincer://sessions/main", mimeType: "text/markdown", text: "## user\n\nhi there\n\n## assistant\n\nhello" },
  ]);
  expect((await client.listResourceTemplates()).resourceTemplates).toMatchObject([
    { uriTemplate: "pincer://sessions/{key}" },
  ]);
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(["delegate", "catch_up"]);
  const caught = await client.getPrompt({ name: "catch_up", arguments: { session: "main" } });
  expect(JSON.stringify(caught.messages)).toContain("hi there");
  const given = await client.getPrompt({ name: "delegate", arguments: { task: "count the files" } });
  expect(JSON.stringify(given.messages)).toMatch(/sessions_spawn.*count the files/);
});

test("a token sees and uses only what it may", async () => {
  const { connect, gateway } = await openMcp();
  const reader = await connect("read");
  const names = (await reader.listTools()).tools.map(({ name }) => name);
  expect(names).toEqual([
    "subagents_list",
    "sessions_list",
    "sessions_history",
    "session_status",
    "runs_wait",
    "cron_list",
    "add",
  ]);
  const refused = await reader.callTool({ name: "sessions_send", arguments: { message: "x" } });
  expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("forbidden") as string }] });
  expect((await reader.callTool({ name: "note", arguments: { text: "x" } })).isError).toBe(true);
  await expect(connect("wrong")).rejects.toThrow();
  const page = await fetch(`${gateway.url}/mcp`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${TOKEN}read`,
      Origin: "http://evil.example",
      "Content-Type": "application/json",
    },
    body: "{}",
  });
  expect(page.status).toBe(403);
  expect((await fetch(`${gateway.url}/mcp`, { headers: { Authorization: `Bearer ${TOKEN}read` } })).status).toBe(405);
});

test.each(["legacy", "auto"] as const)(
  "a call that its client (%s) stops is stopped, and its run with it",
  async (mode) => {
    const turns: Turn[] = [[{ wait: new Promise(() => {}) }]];
    const { connect, core } = await openMcp({ turns });
    const client = await connect("write", { versionNegotiation: { mode } });
    const started = nextEvent(core, "run.started");
    const stop = new AbortController();
    const call = client.callTool({ name: "sessions_send", arguments: { message: "hi" } }, { signal: stop.signal });
    const { runId } = await started;
    stop.abort("enough");
    await expect(call).rejects.toThrow();
    expect((await core.runs.wait(runId, 60_000)).outcome).toMatchObject({ type: "cancelled" });
  },
);

test("a call that takes long tells that it goes on, to who asks for it", async () => {
  const gate = Promise.withResolvers<void>();
  const clock = createFakeClock();
  const { connect, core } = await openMcp({ clock, turns: [[{ wait: gate.promise }, "done"]] });
  const client = await connect("write");
  const started = nextEvent(core, "run.started");
  const told: number[] = [];
  const heard = Promise.withResolvers<void>();
  const onprogress = ({ progress }: { progress: number }) => {
    told.push(progress);
    heard.resolve();
  };
  const call = client.callTool({ name: "sessions_send", arguments: { message: "hi" } }, { onprogress });
  await started;
  await clock.advance(15_000);
  await heard.promise;
  gate.resolve();
  expect((await call).structuredContent).toMatchObject({ reply: "done" });
  expect(told).toEqual([15]);
});
