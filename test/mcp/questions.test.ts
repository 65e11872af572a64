import { expect, test } from "vitest";
import type { Clock } from "../../src/base/clock.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import { createQuestions } from "../../src/mcp/servers/questions.ts";
import { toFields } from "../../src/mcp/servers/questionFields.ts";
import { fake, never, openMcpBench } from "./bench.ts";

async function openAsking(tool = "mcp__x__ask", more: { clock?: Clock } = {}) {
  const bench = openMcpBench({ x: fake() }, more);
  await bench.servers.settled(never);
  const asked = new Promise<McpQuestion>((resolve) => {
    bench.servers.onDidAsk(({ question, action }) => void (action ?? resolve(question)));
  });
  return { ...bench, asked, result: bench.call(tool) };
}

test("what a server asks is a form, its words made visible; the answer reaches it with the defaults", async () => {
  const { servers, asked, result } = await openAsking();
  const question = await asked;
  expect(question).toMatchObject({ server: "x", message: "Book\\u{200b} what?" });
  expect(question.fields).toEqual([
    { name: "city", kind: "text", title: "Which\\u{202e} city?", description: "Where you are", required: true },
    { name: "nights", kind: "number", title: "nights", required: false, whole: true, min: 1, max: 14, default: 2 },
    {
      name: "room",
      kind: "choice",
      title: "room",
      required: false,
      options: [
        { value: "s", title: "single" },
        { value: "d", title: "double" },
      ],
    },
  ]);
  expect(servers.questions()).toEqual([question]);
  await expect(servers.answer(question.id, { action: "accept", content: { nights: 3 } })).rejects.toThrow("content: ");
  await expect(
    servers.answer(question.id, { action: "accept", content: { city: "Ulm", room: "x" } }),
  ).rejects.toThrow();
  await servers.answer(question.id, { action: "accept", content: { city: "Ulm", room: "d" } });
  expect((await result).text).toContain('{"action":"accept","content":{"city":"Ulm","room":"d","nights":2}}');
  await expect(servers.answer(question.id, { action: "decline" })).rejects.toThrow("waits for an answer");
});

test("a page is told with the host that it is at, and agreed to without content; none but the web's is", async () => {
  const { servers, asked, result, call } = await openAsking("mcp__x__ask_page");
  const question = await asked;
  expect(question).toMatchObject({
    ...{ server: "x", message: "Pay first", fields: [] },
    page: { address: "https://pay.example/x?y=1", host: "pay.example" },
  });
  await servers.answer(question.id, { action: "accept", content: { card: "4111" } });
  expect((await result).text).toContain('{"action":"accept"}');
  const other = new Promise<McpQuestion>((resolve) => {
    servers.onDidAsk(({ question: next, action }) => void (action ?? resolve(next)));
  });
  const pretending = call("mcp__x__ask_page", { url: "https://bank.example@b\u00e4nk.example:8443/login" });
  const { id, page } = await other;
  expect(page).toEqual({
    address: "https://bank.example@xn--bnk-qla.example:8443/login",
    host: "xn--bnk-qla.example:8443",
  });
  await servers.answer(id, { action: "cancel" });
  expect((await pretending).text).toContain('{"action":"cancel"}');
  for (const url of ["file:///etc/passwd", "command:workbench.action.quit", `https://x.example/${"a".repeat(5000)}`])
    expect((await call("mcp__x__ask_page", { url })).text).toContain('{"action":"decline"}');
});

test("a call that needs a person at a page first asks for that, and tells the model what to do then", async () => {
  const pages = ["https://pay.example/1", "https://pay.example/2"].map((url, at) => ({
    ...{ mode: "url", elicitationId: `e${at}`, message: `Page ${at + 1}` },
    url,
  }));
  const error = { code: -32042, message: "Pages are needed", data: { elicitations: pages } };
  const bench = openMcpBench({ x: fake({ tools: [{ name: "pay" }], answers: { pay: { error } } }) });
  await bench.servers.settled(never);
  const answers = ["accept", "accept", "accept", "decline"] as const;
  const asked: string[] = [];
  bench.servers.onDidAsk(({ question, action }) => {
    if (action) return;
    const next = answers[asked.push(`${question.message}: ${question.page?.address}`) - 1]!;
    void bench.servers.answer(question.id, { action: next });
  });
  expect((await bench.call("mcp__x__pay")).text).toContain("Ask them to say when they are done there");
  const refused = await bench.call("mcp__x__pay");
  expect(refused.text).toContain("the user has to open a page for it first, and did not agree to");
  expect(refused.isError).toBe(true);
  expect(asked).toEqual([...pages, ...pages].map(({ message, url }) => `${message}: ${url}`));
});

test("limits and formats come along, and only those that are ones", async () => {
  const text = { type: "string", format: "date-time", minLength: 3, maxLength: 9 };
  const properties = {
    text,
    odd: { type: "string", format: "ipv4", minLength: "3", maximum: 4 },
    number: { type: "number", minimum: -0.5 },
    many: { type: "array", items: { type: "string", enum: ["a"] }, minItems: 1, maxItems: 1 },
  };
  const plain = { required: false };
  expect(toFields({ type: "object", properties })).toEqual([
    { name: "text", kind: "text", title: "text", ...plain, format: "date-time", min: 3, max: 9 },
    { name: "odd", kind: "text", title: "odd", ...plain },
    { name: "number", kind: "number", title: "number", ...plain, min: -0.5 },
    { name: "many", kind: "choices", title: "many", ...plain, options: [{ value: "a", title: "a" }], min: 1, max: 1 },
  ]);
});

test("no is an answer, and while the user is asked the call does not run out of time", async () => {
  const clock = createFakeClock();
  const { servers, asked, result } = await openAsking("mcp__x__ask", { clock });
  const question = await asked;
  await clock.advance(50_000);
  await servers.answer(question.id, { action: "decline" });
  expect((await result).text).toContain('{"action":"decline"}');
});

test("a call has its whole time again once the user has answered", async () => {
  const clock = createFakeClock();
  const { servers, call } = openMcpBench({ x: fake({}, { timeoutSeconds: 60 }) }, { clock });
  await servers.settled(never);
  const asked = new Promise<McpQuestion>((resolve) => {
    servers.onDidAsk(({ question, action }) => void (action ?? resolve(question)));
  });
  const result = call("mcp__x__ask_and_wait");
  const { id } = await asked;
  await clock.advance(115_000);
  await servers.answer(id, { action: "accept", content: {} });
  await clock.advance(55_000);
  await call("mcp__x__echo");
  expect((await result).text).toContain('{"action":"accept","content":{}}');
});

test("what waits is put to who leads next, once, and answered there", async () => {
  const put: string[] = [];
  const leader = (name: string, answer: Promise<McpAnswer>) => async (question: McpQuestion) => {
    put.push(`${name}: ${question.message}`);
    return await answer;
  };
  const gone = leader("first", Promise.reject(new Error("gone")));
  const next = leader("second", Promise.resolve({ action: "decline" }));
  let leading = gone;
  const asked: string[] = [];
  const questions = createQuestions({
    clock: createFakeClock(),
    onAsked: ({ id }) => void asked.push(id),
    onAnswered: () => undefined,
    elsewhere: () => leading,
  });
  const answer = questions.ask("x", { message: "Pay?", schema: { type: "object", properties: {} } }, never);
  questions.askAgain();
  leading = next;
  questions.askAgain();
  questions.askAgain();
  expect(await answer).toEqual({ action: "decline" });
  expect(put).toEqual(["first: Pay?", "second: Pay?"]);
  expect(new Set(asked).size).toBe(1);
});

test("a question that is put here again under its id waits on when the one before it has gone", async () => {
  const clock = createFakeClock();
  const questions = createQuestions({ clock, onAsked: () => undefined, onAnswered: () => undefined });
  const times = { createdAt: "2026-11-22T00:00:00.000Z", expiresAt: "2099-11-22T00:00:00.000Z" };
  const question: McpQuestion = { id: "ask_1", server: "x", message: "Pay?", fields: [], ...times };
  const gone = new AbortController();
  const first = questions.adopt(question, {}, gone.signal);
  gone.abort();
  const again = questions.adopt(question, {}, never);
  expect(await first).toEqual({ action: "cancel" });
  expect(questions.list()).toEqual([question]);
  await questions.answer("ask_1", { action: "decline" });
  expect(await again).toEqual({ action: "decline" });
  expect(questions.list()).toEqual([]);
});

test("a question waits no more when the call that it came of was given up", async () => {
  const bench = openMcpBench({ x: fake() });
  await bench.servers.settled(never);
  const told: string[] = [];
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  bench.servers.onDidAsk(({ action }) => {
    told.push(action ?? "asked");
    (action ? over : asked).resolve();
  });
  const stop = new AbortController();
  const given = expect(bench.call("mcp__x__ask", {}, { signal: stop.signal })).rejects.toThrow("enough");
  await asked.promise;
  stop.abort(new Error("enough"));
  await given;
  await over.promise;
  expect(told).toEqual(["asked", "cancel"]);
  expect(bench.servers.questions()).toEqual([]);
});

test("a server that is ended asks no more", async () => {
  const { servers, asked, result } = await openAsking();
  await asked;
  const failed = result.catch((error: Error) => error.message);
  await servers.close();
  expect(servers.questions()).toEqual([]);
  expect(await failed).toContain("The MCP server x");
});

test("a form that a library makes of types is asked for as any, with what came of it", async () => {
  const bench = openMcpBench({ x: fake() });
  await bench.servers.settled(never);
  const asked = new Promise<McpQuestion>((resolve) => {
    bench.servers.onDidAsk(({ question, action }) => void (action ?? resolve(question)));
  });
  const properties = {
    name: { anyOf: [{ type: "string" }, { type: "null" }], default: null },
    level: { $ref: "#/$defs/Level" },
  };
  const form = { properties, required: ["level", "reason"], $defs: { Level: { enum: [1, 2], title: "Level" } } };
  const result = bench.call("mcp__x__ask", { form });
  const question = await asked;
  expect(question.calls).toEqual([{ sessionKey: "main", tool: "ask" }]);
  expect(question.fields.map(({ name, kind, required }) => [name, kind, required])).toEqual([
    ["name", "text", false],
    ["level", "choice", true],
    ["reason", "text", true],
  ]);
  await bench.servers.answer(question.id, { action: "accept", content: { level: "2", reason: "because" } });
  expect((await result).text).toContain('{"action":"accept","content":{"level":2,"reason":"because"}}');
  const refused = await bench.call("mcp__x__ask", { form: { properties: { o: { type: "object" } } } });
  expect(refused.text).toContain('This cannot be asked: \\"o\\" is an object, and no field of a form');
});

test("a question ends with its own call, whatever else the server is called for", async () => {
  const bench = openMcpBench({ x: fake() });
  await bench.servers.settled(never);
  const told: string[] = [];
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  bench.servers.onDidAsk(({ action }) => {
    told.push(action ?? "asked");
    if (action) ended.resolve();
    else asked.resolve();
  });
  const [first, second] = [new AbortController(), new AbortController()];
  const one = bench.call("mcp__x__ask", {}, { signal: first.signal });
  await asked.promise;
  const other = bench.call("mcp__x__hang", {}, { signal: second.signal });
  first.abort();
  await expect(one).rejects.toThrow();
  await ended.promise;
  expect(told).toEqual(["asked", "cancel"]);
  second.abort();
  await expect(other).rejects.toThrow();
});
