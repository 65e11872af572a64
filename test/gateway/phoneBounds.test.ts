import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { expect, onTestFinished, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import type { McpServers } from "../../src/core/ports/mcpServers.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import { createTokens } from "../../src/gateway/auth/tokens.ts";
import { TOKEN } from "./bench.ts";
import { openPhoneBench } from "./phoneBench.ts";

type PhoneBench = Awaited<ReturnType<typeof openPhoneBench>>;

/** What an upgrade at /ws comes to: 101 where it is let in. */
function upgrade({ gateway }: PhoneBench, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(gateway.url + path, {
      ca: gateway.certificate,
      agent: false,
      servername: "localhost",
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
      },
    });
    onTestFinished(() => void outgoing.destroy());
    outgoing
      .on("upgrade", (response: IncomingMessage, socket) => {
        socket.destroy();
        resolve(response.statusCode!);
      })
      .on("response", (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
      .on("error", reject)
      .end();
  });
}

test("no WebSocket opens with a phone's token, wherever it stands, nor for a page of another site", async () => {
  const bench = await openPhoneBench();
  const { token } = await bench.pair(true);
  const { own, gateway } = bench;
  const phone = { authorization: `Bearer ${token}` };
  const admin = { authorization: `Bearer ${TOKEN}` };
  const evil = "https://evil.example";
  expect(await upgrade(bench, "/ws", admin)).toBe(101);
  for (const [path, headers, status] of [
    ["/ws", phone, 403],
    ["/ws", { ...phone, origin: own }, 403],
    ["/ws", { ...phone, origin: evil }, 403],
    [`/ws?token=${token}`, {}, 401],
    [`/ws?access_token=${token}`, { origin: own }, 401],
    ["/ws", { "sec-websocket-protocol": `bearer, ${token}` }, 401],
    ["/ws", { "sec-websocket-protocol": token, origin: own }, 401],
    ["/ws", { cookie: `pincer.token=${token}` }, 401],
    ["/ws", { ...admin, origin: evil }, 403],
    ["/ws", { ...admin, origin: "null" }, 403],
    ["/ws", { ...admin, host: `rebound.example:${gateway.port}` }, 403],
    [
      "/ws",
      { ...admin, host: `rebound.example:${gateway.port}`, origin: `https://rebound.example:${gateway.port}` },
      403,
    ],
    ["/api/events", phone, 400],
    ["/phone/", phone, 404],
  ] as [string, Record<string, string>, number][])
    expect([path, headers, await upgrade(bench, path, headers)]).toEqual([path, headers, status]);
});

test("of what a phone follows the oldest makes room for the twenty-first, and others keep theirs", async () => {
  const bench = await openPhoneBench();
  const [many, one] = [await bench.pair(), await bench.pair()];
  const follow = async ({ token }: { token: string }) => {
    const response = await bench.open("/api/events", { token });
    expect(response.statusCode).toBe(200);
    return { response, ended: new Promise((resolve) => response.on("close", resolve).resume()) };
  };
  const other = await follow(one);
  const held = [];
  for (let count = 0; count < 20; count++) held.push(await follow(many));
  const before = bench.gateway.status().connections;
  held.push(await follow(many));
  await held[0]!.ended;
  expect(bench.gateway.status().connections).toBe(before);
  expect([other, ...held.slice(1)].map(({ response }) => response.closed)).not.toContain(true);
});

test("a phone asks no oftener than every token may, and six hundred times a minute at the most", async () => {
  const digest = createHash("sha256").update("t").digest("hex");
  const asked = createTokens([{ name: "default", value: TOKEN, scope: "admin" }]);
  asked.setPhones([{ id: "p", digest, scopes: ["read"] }], true);
  expect(asked.find("t")).toMatchObject({ name: "p", requestsPerMinute: 600 });

  const tokens = [{ name: "default", value: TOKEN, scope: "admin" as const, requestsPerMinute: 30 }];
  const bench = await openPhoneBench({ gateway: { tokens } });
  const { token } = await bench.pair();
  const answers = await Promise.all(Array.from({ length: 33 }, () => bench.ask("/api/phones/self", { token })));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
  const refused = answers.find(({ status }) => status !== 200)!;
  expect([refused.status, Number(refused.headers["retry-after"]) > 0]).toEqual([429, true]);
});

test("a phone answers a server's form, and opens no page for one", async () => {
  const question: McpQuestion = {
    id: "q1",
    server: "travel",
    message: "Where to?",
    fields: [{ kind: "text", name: "city", title: "City", required: true }],
    createdAt: "2026-11-26T08:00:00.000Z",
    expiresAt: "2026-11-26T09:00:00.000Z",
  };
  const page: McpQuestion = {
    ...question,
    id: "q2",
    fields: [],
    page: { address: "https://x.example", host: "x.example" },
  };
  const answers: [string, McpAnswer][] = [];
  const open = new Map([question, page].map((one) => [one.id, one]));
  const servers = {
    tools: () => [],
    settled: async () => {},
    list: () => [],
    prompts: async () => [],
    questions: () => [...open.values()],
    async answer(id: string, answer: McpAnswer) {
      const found = open.get(id);
      if (!found) throw new AppError("not_found", `No question ${id} waits`);
      open.delete(id);
      answers.push([id, answer]);
      return found;
    },
  } as unknown as McpServers;
  const { pair, ask, post } = await openPhoneBench({ servers });
  const { token } = await pair();
  expect((await ask("/api/mcp/questions", { token })).body.count).toBe(2);
  const answer = async (body: object) => (await post("/api/mcp/answer", body, { token })).status;
  expect(await answer({ id: "q2", action: "accept" })).toBe(403);
  expect(await answer({ id: "q2", action: "decline" })).toBe(200);
  expect(await answer({ id: "q1", action: "accept", content: { city: "Kyoto" } })).toBe(200);
  expect(await answer({ id: "q1", action: "decline" })).toBe(404);
  expect(answers).toEqual([
    ["q2", { action: "decline" }],
    ["q1", { action: "accept", content: { city: "Kyoto" } }],
  ]);
});
