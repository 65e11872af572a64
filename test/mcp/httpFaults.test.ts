import { createServer, globalAgent, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { expect, onTestFinished, test, vi } from "vitest";
import type { McpQuestion } from "../../src/protocol/mcp.ts";
import { fake, never, openMcpBench } from "./bench.ts";

const TOOLS = ["echo", "cut", "ended", "taken", "null", "page", "broken", "refused", "news"].map((name) => ({
  name,
  inputSchema: { type: "object", properties: {} },
}));

interface Asked {
  id?: number;
  method: string;
  params: { protocolVersion?: string; name?: string; cursor?: string };
}

type Refusal = (asked: Asked, response: ServerResponse) => void;

const listWhole = (_cursor: string | undefined): object => ({ tools: TOOLS });

test("one that takes what is asked and never answers is ended at once while it is reached", async () => {
  const asked = Promise.withResolvers<void>();
  const server = createServer(() => asked.resolve());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const { servers } = openMcpBench({ x: fake({}, { command: undefined, args: [], url }) });
  const settled = servers.settled(never);
  await asked.promise;
  await servers.close();
  await settled;
}, 30_000);

/** A server over HTTP that knows its callers by a session, as the older revision has it, and answers as `answer` does. */
async function startServer(
  answer: (asked: Asked, response: ServerResponse) => void,
  refusal: number | Refusal = 404,
  list = listWhole,
) {
  let sessions = new Set<string>();
  let isForgetful = false;
  let begun = 0;
  const calls: string[] = [];
  const left: string[] = [];
  const json = (response: ServerResponse, id: unknown, result: object, headers = {}) =>
    response
      .writeHead(200, { "content-type": "application/json", ...headers })
      .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method === "DELETE") left.push(String(request.headers["mcp-session-id"]));
    if (request.method !== "POST") return void response.writeHead(405).end();
    const asked = JSON.parse(await textOf(request)) as Asked;
    const session = request.headers["mcp-session-id"];
    if (asked.method === "initialize") {
      begun += 1;
      sessions.add(`s${begun}`);
      const { protocolVersion } = asked.params;
      const about = {
        protocolVersion,
        capabilities: { tools: {}, resources: {} },
        serverInfo: { name: "h", version: "1" },
      };
      return void json(response, asked.id, about, { "mcp-session-id": `s${begun}` });
    }
    if (isForgetful && asked.method === "tools/call") sessions = new Set();
    const isForgotten = typeof session === "string" && !sessions.has(session);
    if (isForgotten && typeof refusal !== "number") return refusal(asked, response);
    if (isForgotten)
      return void response
        .writeHead(Number(refusal), { "content-type": "application/json" })
        .end('{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}');
    if (asked.id === undefined) return void response.writeHead(202).end();
    if (asked.method === "tools/list") return void json(response, asked.id, list(asked.params?.cursor));
    if (asked.method === "resources/list")
      return void json(response, asked.id, { resources: [{ uri: "n://1", name: "one" }] });
    if (asked.method === "resources/read")
      return void json(response, asked.id, { contents: [{ uri: "n://1", text: `in ${session as string}` }] });
    if (asked.method === undefined) return answer(asked, response);
    if (asked.method !== "tools/call")
      return void response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ jsonrpc: "2.0", id: asked.id, error: { code: -32601, message: "no" } }));
    calls.push(`${session as string} ${asked.params.name}`);
    if (asked.params.name === "echo")
      return void json(response, asked.id, { content: [{ type: "text", text: `in ${session as string}` }] });
    answer(asked, response);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => (server.closeAllConnections(), void server.close()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const bench = openMcpBench({ x: fake({}, { command: undefined, args: [], url, timeoutSeconds: 15 }) });
  await bench.servers.settled(never);
  return {
    ...bench,
    calls,
    left,
    forget: () => (sessions = new Set()),
    /** Whoever calls from now on is forgotten by then. */
    forgetAlways: () => (isForgetful = true),
  };
}

const nothing = () => {};

test("a call lasts for as long as it may: nothing is asked by a fetch that gives up after five minutes of silence", async () => {
  const real = globalThis.fetch;
  const impatient: typeof fetch = async (input, init) => {
    if (init?.method !== "POST") return await real(input, init);
    throw new TypeError("fetch failed", { cause: new Error("Headers Timeout Error") });
  };
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(impatient);
  onTestFinished(() => asked.mockRestore());
  const { call, servers } = await startServer(({ id, params: { name } }, response) => {
    const text = JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: "at last" }] } });
    if (name === "news") return void response.writeHead(200, STREAM_TYPE).end(`data: ${text}\n\n`);
    response.writeHead(200, JSON_TYPE).end(text);
  });
  expect(servers.list()[0]).toMatchObject({ state: "ready", error: null });
  for (const name of ["news", "page"]) expect((await call(`mcp__x__${name}`)).text).toContain("at last");
});

test("so does one of a server on another machine, where the host has no fetch of its own, as an editor's", async () => {
  // Its types leave it out.
  const { options } = globalAgent as typeof globalAgent & { options: { lookup?: LookupFunction | undefined } };
  const { lookup } = options;
  options.lookup = (_host, { all }, found) =>
    all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(async (_input, init) => {
    if (init?.method !== "POST") return new Response(null, { status: 405 });
    throw new TypeError("fetch failed", { cause: new Error("Headers Timeout Error") });
  });
  onTestFinished(() => {
    asked.mockRestore();
    options.lookup = lookup;
  });
  const { settings } = await startServer(nothing);
  const url = settings["x"]!.url!.replace("127.0.0.1", "tools.example");
  const { servers, call } = openMcpBench({ far: fake({}, { command: undefined, args: [], url }) });
  await servers.settled(never);
  expect(servers.list()[0]).toMatchObject({ state: "ready", error: null });
  expect((await call("mcp__far__echo")).text).toContain("in s");
});

for (const status of [404, 400])
  test(`a server that has forgotten who calls is greeted anew, and the call that it refused by ${status} is made once more`, async () => {
    const { call, servers, calls, forget } = await startServer(nothing, status);
    expect((await call("mcp__x__echo")).text).toContain("in s1");
    forget();
    const both = await Promise.all([call("mcp__x__echo"), call("mcp__x__echo")]);
    for (const { text } of both) expect(text).toContain("in s2");
    expect(calls).toEqual(["s1 echo", "s2 echo", "s2 echo"]);
    expect(servers.list()[0]).toMatchObject({ state: "ready", error: null });
  });

const JSON_TYPE = { "content-type": "application/json" };
const STREAM_TYPE = { "content-type": "text/event-stream" };

test("so is one that says in an answer as any other that it has forgotten who calls, in whatever frame", async () => {
  const bare = { error: { message: "Session not found" } };
  const whole = (id: unknown, message: string) => ({ jsonrpc: "2.0", id, error: { code: -32000, message } });
  const event = (message: object, more = "") => `${more}data: ${JSON.stringify(message)}\n\n`;
  const refusals: [string, Refusal][] = [
    ["bare", (_asked, response) => response.writeHead(200, JSON_TYPE).end(JSON.stringify(bare))],
    [
      "whole",
      ({ id }, response) =>
        response.writeHead(200, JSON_TYPE).end(JSON.stringify(whole(id, "Bad Request: No valid session ID provided"))),
    ],
    [
      "stream",
      (_asked, response) => {
        // In two pieces, and the stream stays open.
        const text = event(whole(null, "Session s1 has expired"), "id: ä\nevent: message\n");
        response.writeHead(200, STREAM_TYPE).write(text.slice(0, 30), () => response.write(text.slice(30)));
      },
    ],
    ["bare in a stream", (_asked, response) => response.writeHead(200, STREAM_TYPE).end(event(bare))],
  ];
  for (const [name, refusal] of refusals) {
    const { call, calls, forget } = await startServer(nothing, refusal);
    forget();
    expect((await call("mcp__x__echo")).text, name).toContain("in s2");
    expect(calls, name).toEqual(["s2 echo"]);
  }
});

test("a fault that speaks of a session of the tool's own is the tool's, and the call is not made again", async () => {
  const { call, calls } = await startServer(({ id }, response) => {
    const error = { code: -32602, message: "Session not found" };
    response.writeHead(200, JSON_TYPE).end(JSON.stringify({ jsonrpc: "2.0", id, error }));
  });
  expect(await call("mcp__x__page")).toMatchObject({ isError: true });
  expect(calls).toEqual(["s1 page"]);
});

test("a null says of a result or an error that it is not there, in a stream, too, and in a long answer", async () => {
  const long = "z".repeat(20_000);
  const { call } = await startServer(({ id, params: { name } }, response) => {
    const said =
      name === "refused" ? undefined : { content: [{ type: "text", text: name === "page" ? long : "done" }] };
    const fault = said ? null : { code: -32000, message: "There is no such row" };
    const text = JSON.stringify({ jsonrpc: "2.0", id, result: said ?? null, error: fault });
    if (name === "page" || name === "null") return void response.writeHead(200, JSON_TYPE).end(text);
    response.writeHead(200, STREAM_TYPE).end(`data: ${text}\n\n`);
  });
  expect((await call("mcp__x__page")).text).toContain(long);
  for (const name of ["null", "news"]) expect((await call(`mcp__x__${name}`)).text, name).toContain("\ndone\n");
  const refused = await call("mcp__x__refused");
  expect([refused.isError, refused.text]).toEqual([true, expect.stringContaining("There is no such row")]);
});

test("an answer to another question than was asked is told at once", async () => {
  const { call } = await startServer(({ params: { name } }, response) => {
    const text = JSON.stringify({ jsonrpc: "2.0", id: 4711, result: { content: [] } });
    if (name === "null") return void response.writeHead(200, JSON_TYPE).end(text);
    // It stays open.
    response.writeHead(200, STREAM_TYPE).write(`data: ${text}\n\n`);
  });
  for (const name of ["null", "page"])
    await expect(call(`mcp__x__${name}`), name).rejects.toThrow(
      `The MCP server x was asked for ${name}, and what came of it is unknown: its answer is to a question that it was not asked`,
    );
  expect((await call("mcp__x__echo")).text).toContain("in s1");
});

/** Who leaves has a minute to say so in place of a second, for all of which this process may stand still. */
function leaveSlowly(): void {
  const { setTimeout } = globalThis;
  const longer = (fn: () => void, ms = 0, ...given: []) => setTimeout(fn, ms === 1000 ? 60_000 : ms, ...given);
  onTestFinished(() => void (globalThis.setTimeout = setTimeout));
  globalThis.setTimeout = longer as typeof setTimeout;
}

test("what it offers is listed and read anew, too, and who needs a session no longer says so", async () => {
  leaveSlowly();
  const { servers, left, forget } = await startServer(nothing);
  forget();
  expect(await servers.resources()).toMatchObject([{ server: "x", uri: "n://1" }]);
  forget();
  const [read] = await servers.readResource("x", "n://1");
  expect(read!.data).toContain("in s3");
  left.length = 0;
  await servers.restart("x");
  expect(left).toEqual(["s3"]);
});

test("what is asked in the answer to a call is known to be of it, whatever other calls there are", async () => {
  const streams = new Map<string, ServerResponse>();
  const ask = (name: string, response: ServerResponse) => {
    const form = { message: name, requestedSchema: { type: "object", properties: {} } };
    const question = { jsonrpc: "2.0", id: `q-${name}`, method: "elicitation/create", params: form };
    response.write(`data: ${JSON.stringify(question)}\n\n`);
  };
  const { servers, call } = await startServer(({ params }, response) => {
    if (!params?.name) return void response.writeHead(202).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    streams.set(params.name, response);
    // Both are under way before either asks.
    if (streams.size === 2) for (const [name, stream] of streams) ask(name, stream);
  });
  const both = Promise.withResolvers<McpQuestion[]>();
  servers.onDidAsk(() => servers.questions().length === 2 && both.resolve(servers.questions()));
  const stop = new AbortController();
  const calls = ["taken", "null"].map((name) => call(`mcp__x__${name}`, {}, { signal: stop.signal }));
  const asked = (await both.promise).map(({ message, calls: of }) => [message, of]);
  expect(asked.toSorted()).toEqual([
    ["null", [{ sessionKey: "main", tool: "null" }]],
    ["taken", [{ sessionKey: "main", tool: "taken" }]],
  ]);
  stop.abort();
  await Promise.allSettled(calls);
});

test("one that forgets its callers at once is not asked for ever", async () => {
  const { call, calls, forgetAlways } = await startServer(nothing);
  forgetAlways();
  await expect(call("mcp__x__echo")).rejects.toThrow("Session not found");
  expect(calls).toEqual([]);
});

test("an answer that breaks off, or never begins, ends its call when it does", async () => {
  const stream = { "content-type": "text/event-stream" };
  const json = { "content-type": "application/json" };
  const news = `data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}\n\n`;
  const { call } = await startServer(({ id = 0, params: { name } }, response) => {
    if (name === "taken") return void response.writeHead(202).end();
    if (name === "null") return void response.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    if (name === "page") return void response.writeHead(200, { "content-type": "text/html" }).end("<p>Sign in");
    if (name === "broken") return void response.writeHead(502).end("Bad gateway");
    if (name === "refused") return void response.writeHead(429).end("Later");
    response.writeHead(200, stream);
    if (name === "ended") return void response.end(news);
    response.write(news, () => response.destroy());
  });
  for (const name of ["taken", "ended", "cut", "null", "page", "broken"])
    await expect(call(`mcp__x__${name}`), name).rejects.toThrow(
      `The MCP server x was asked for ${name}, and what came of it is unknown: `,
    );
  await expect(call("mcp__x__refused")).rejects.toThrow("The MCP server x did not do refused: ");
  // What is the server's own of it is told apart.
  await expect(call("mcp__x__refused")).rejects.toMatchObject({ outside: expect.stringContaining("Later") });
  await expect(call("mcp__x__broken")).rejects.toMatchObject({ outside: expect.stringContaining("Bad gateway") });
  expect((await call("mcp__x__echo")).text).toContain("in s1");
});

test("a stream may go on for as long as each of its events is small, however its lines end", async () => {
  for (const end of ["\n", "\r\n"]) {
    const { call } = await startServer(({ id }, response) => {
      const event = (message: object) => `data: ${JSON.stringify({ jsonrpc: "2.0", ...message })}${end}${end}`;
      const news = event({ method: "notifications/message", params: { level: "info", data: "z".repeat(1_000_000) } });
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let at = 0; at < 18; at += 1) response.write(news);
      response.end(event({ id, result: { content: [{ type: "text", text: "after the news" }] } }));
    });
    expect((await call("mcp__x__news")).text, JSON.stringify(end)).toContain("after the news");
  }
});

test("of a list without end the first 64 pages are used, and the log and the server's state say that there were more", async () => {
  const inputSchema = { type: "object" };
  let last = Infinity;
  const page = (cursor = "0") => {
    const at = Number(cursor);
    return { tools: [{ name: `t${at}`, inputSchema }], ...(at < last ? { nextCursor: String(at + 1) } : {}) };
  };
  const { servers } = await startServer(nothing, 404, page);
  const info = () => servers.list()[0]!;
  expect([info().state, info().tools.length]).toEqual(["ready", 64]);
  expect(info().error).toBe("It has more tools than the first 64 pages, which are used");
  expect(servers.log("x", 20).join("\n")).toContain("It has more tools than the first 64 pages");
  last = 63;
  await servers.restart("x");
  expect(info()).toMatchObject({ state: "ready", error: null });
  expect(info().tools.length).toBe(64);
});
