import { expect, onTestFinished, test } from "vitest";
import { call } from "../fakes/scriptedProvider.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import type { PhoneFiles } from "../../src/gateway/phones/phonePage.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { pathsOf } from "../../src/gateway/http/apiEndpoints.ts";
import { nextEvent } from "../core/bench.ts";
import { type Json, openGatewayBench, TOKEN } from "./bench.ts";
import { openPhoneBench } from "./phoneBench.ts";

test("a phone comes in by a code, once, and may do what the code says", async () => {
  const { ask, post, enter, core, calls } = await openPhoneBench();
  const offered = (await post("/api/phones/pair", { send: true })).body;
  expect(offered.code).toMatch(/^[A-Z]{8}$/);
  expect(offered.urls.length).toBeGreaterThan(0);
  expect(offered.selfSigned).toBe(true);
  for (const url of offered.urls) expect(url).toMatch(/^https:\/\/[^/?#]+\/phone\/#[A-Z]{8}$/);
  expect((await ask("/api/phones/list", { token: TOKEN })).body.pending).toEqual([
    { id: expect.any(String), scopes: ["read", "approvals", "send"], expiresAt: offered.expiresAt, by: "api:default" },
  ]);
  // As a person types it.
  const typed = `${offered.code.slice(0, 4).toLowerCase()} ${offered.code.slice(4)}`;
  const { status, body } = await enter(typed);
  expect([status, body.phone]).toEqual([
    200,
    {
      id: expect.stringMatching(/^My-phone-[0-9a-f]{8}$/),
      name: "My phone",
      scopes: ["read", "approvals", "send"],
      pairedAt: expect.any(String),
      by: "api:default",
      push: false,
    },
  ]);
  expect((await ask("/api/phones/self", { token: body.token })).body.phone).toEqual(body.phone);
  expect((await ask("/api/phones/list", { token: TOKEN })).body).toMatchObject({ on: true, count: 1, pending: [] });
  // A second device with the same code, at once and later, gets nothing.
  expect((await enter(offered.code)).status).toBe(404);
  const kept = JSON.stringify(await core.store.listNotes("phone", ""));
  expect(kept).not.toContain(offered.code);
  expect(kept).not.toContain(body.token);
  expect(JSON.stringify(calls)).not.toContain(offered.code);
  expect(calls.map(({ method, origin, status }) => [method, origin.via, status])).toContainEqual([
    `phone.pair ${body.phone.id}`,
    "phone",
    200,
  ]);
});

test("of two devices that show one code at once, one comes in", async () => {
  let changes = 0;
  const { offer, enter, ask, post } = await openPhoneBench({ gateway: { onPhonesChanged: () => (changes += 1) } });
  const code = await offer();
  const statuses = (await Promise.all(Array.from({ length: 6 }, () => enter(code)))).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 404, 404, 404, 404, 404]);
  const { count, phones } = (await ask("/api/phones/list", { token: TOKEN })).body;
  // What shows the code hears of it, of its end by wrong ones, and of a phone's.
  expect([count, changes]).toEqual([1, 1]);
  await offer();
  for (let tries = 0; tries < 5; tries++) await enter("AAAAAAAA");
  expect(changes).toBe(2);
  await post("/api/phones/remove", { id: phones[0].id });
  expect(changes).toBe(3);
});

test("five wrong codes make all void, ten minutes end one, three may wait, and an address has ten tries a minute", async () => {
  const clock = createFakeClock();
  const { offer, enter, post } = await openPhoneBench({ clock, gateway: { clock } });
  const first = await offer();
  const said = new Set<string>();
  for (let tries = 0; tries < 4; tries++) said.add((await enter("AAAAAAAA")).body.error.message);
  const second = await offer();
  await offer();
  expect((await post("/api/phones/pair", {})).body.error).toMatchObject({ code: "conflict" });
  said.add((await enter("AAAAAAAA")).body.error.message);
  for (const code of [first, second]) said.add((await enter(code)).body.error.message);
  // Nobody learns whether a code was wrong, used, or void.
  expect(said.size).toBe(1);
  await clock.advance(60_000);
  const late = await offer();
  await clock.advance(10 * 60_000);
  said.add((await enter(late)).body.error.message);
  expect(said.size).toBe(1);
  const back = await offer();
  await clock.set(clock.now() - 86_400_000);
  said.add((await enter(back)).body.error.message);
  expect(said.size).toBe(1);
  await clock.set(clock.now() + 86_400_000);
  const statuses: number[] = [];
  for (let tries = 0; tries < 11; tries++) statuses.push((await enter("AAAAAAAA")).status);
  expect(statuses).toEqual([...Array<number>(10).fill(404), 429]);
  expect((await enter(await offer())).status).toBe(429);
  await clock.advance(60_001);
  expect((await enter(await offer())).status).toBe(200);
});

test("a phone may call what its rights name, and nothing else of any door", async () => {
  const bench = await openPhoneBench();
  const [plain, writer] = [await bench.pair(), await bench.pair(true)];
  const allowed = async (token: string) => {
    const open: string[] = [];
    for (const route of routeTable.filter(({ http, name }) => http !== "none" && name !== "phones.leave")) {
      for (const path of pathsOf(route)) {
        const asked = route.verb === "POST" ? { method: "POST", body: { nonsense: 1 }, token } : { token };
        const response = await bench.open(`${path}${route.verb === "GET" ? "?nonsense=1" : ""}`, asked);
        response.destroy();
        if (response.statusCode !== 403) open.push(route.name);
      }
    }
    return [...new Set(open)].toSorted();
  };
  const read = [
    "approvals.list",
    "events.subscribe",
    "mcp.questions",
    "phones.self",
    "phones.subscribe",
    "phones.unsubscribe",
    "runs.list",
    "sessions.history",
    "sessions.list",
  ];
  const approvals = ["approvals.answer", "mcp.answer", "runs.cancel"];
  expect(await allowed(plain.token)).toEqual([...approvals, ...read].toSorted());
  expect(await allowed(writer.token)).toEqual([...approvals, ...read, "sessions.send", "sessions.steer"].toSorted());
  // Its configuration, commands by hand, and the doors of other clients.
  for (const [method, path] of [
    ["GET", "/api/config/get"],
    ["GET", "/api/logs/tail"],
    ["POST", "/tools/invoke"],
    ["POST", "/v1/chat/completions"],
    ["GET", "/v1/models"],
    ["POST", "/mcp"],
    ["GET", "/ws"],
    ["POST", "/api/phones/pair"],
    ["POST", "/api/gateway/token/rotate"],
    ["POST", "/api/approvals/mode"],
  ] as const)
    expect([
      path,
      (await bench.ask(path, { method, token: writer.token, body: method === "POST" ? {} : undefined })).status,
    ]).toEqual([path, 403]);
  expect((await bench.ask("/hooks/ci", { method: "POST", token: writer.token, body: {} })).status).toBe(401);
});

test("a phone allows a call once or denies it, and never for longer", async () => {
  const { pair, ask, post, core } = await openPhoneBench({
    turns: [[call("note", { text: "a" })], ["done"]],
  });
  const phone = await pair(true);
  const asked = nextEvent(core, "approval.asked");
  const sent = await post("/api/sessions/send", { message: "note it", timeoutSeconds: 0 }, { token: phone.token });
  expect(sent.status).toBe(202);
  await asked;
  const [approval] = (await ask("/api/approvals/list", { token: phone.token })).body.approvals;
  const answer = (body: object) => post("/api/approvals/answer", { id: approval.id, ...body }, { token: phone.token });
  for (const decision of ["allow_session", "allow_always", "allow_job"])
    expect((await answer({ decision })).status).toBe(403);
  // It writes, and chooses nothing else: neither who answers, nor how, nor for how much.
  for (const more of [
    { model: "fake/one" },
    { mode: "plan" },
    { budgetTokens: 1_000_000_000 },
    { outputSchema: { type: "object" } },
    { attachments: [{ name: "a.txt", mediaType: "text/plain", data: "a" }] },
    { cache: { ttlSeconds: 60 } },
  ])
    expect([
      more,
      (await post("/api/sessions/send", { message: "x", ...more }, { token: phone.token })).status,
    ]).toEqual([more, 403]);
  const named = { prompt: "review", timeoutSeconds: 0 };
  expect((await post("/api/sessions/send", named, { token: phone.token })).status).toBe(403);
  const lasting = approval.offers.find((offer: Json) => offer.rule);
  expect((await answer({ decision: "allow", rule: lasting.rule })).status).toBe(403);
  expect((await answer({ decision: "deny" })).status).toBe(200);
  const { messages } = await core.sessions.history("main", { limit: 10, includeTools: false });
  expect(messages[0]!).toMatchObject({ role: "user", origin: { via: "phone", id: phone.id } });
});

test("a removed phone's streams end at once, what it waits for is not told, and its token opens nothing", async () => {
  const gate = Promise.withResolvers<void>();
  onTestFinished(() => gate.resolve());
  const bench = await openPhoneBench({ turns: [[{ wait: gate.promise }, "a secret"]] });
  const [gone, stays] = [await bench.pair(true), await bench.pair()];
  const stream = async ({ token }: { token: string }) => {
    const response = await bench.open("/api/events", { token });
    expect(response.statusCode).toBe(200);
    return { response, ended: new Promise((resolve) => response.on("close", resolve).resume()) };
  };
  const [ending, staying] = [await stream(gone), await stream(stays)];
  const waiting = bench.post("/api/sessions/send", { message: "hi", timeoutSeconds: 60 }, { token: gone.token });
  await expect.poll(() => bench.model.requests.length).toBe(1);
  expect((await bench.post("/api/phones/remove", { id: gone.id })).status).toBe(200);
  await ending.ended;
  gate.resolve();
  expect(await waiting).toMatchObject({ status: 401 });
  expect((await bench.ask("/api/sessions/list", { token: gone.token })).status).toBe(401);
  expect(staying.response.closed).toBe(false);
  expect((await bench.post("/api/phones/leave", {}, { token: stays.token })).status).toBe(200);
  await staying.ended;
  expect((await bench.ask("/api/phones/self", { token: stays.token })).status).toBe(401);
  expect((await bench.post("/api/phones/remove", { id: gone.id })).status).toBe(404);
});

test("what was begun with a token is not done when its body comes after the token is gone, by whatever door", async () => {
  const { pair, hold, post, gateway, core, model } = await openPhoneBench();
  const phone = await pair(true);
  const finishes = [await hold("/api/sessions/send", { message: "late", timeoutSeconds: 0 }, phone.token)];
  await post("/api/phones/remove", { id: phone.id });
  for (const [path, body] of [
    ["/api/sessions/create", { title: "late" }],
    ["/v1/chat/completions", { model: "pincer", messages: [{ role: "user", content: "late" }] }],
    ["/tools/invoke", { name: "sessions_send", args: { message: "late" } }],
    ["/mcp", { jsonrpc: "2.0", id: 1, method: "tools/list" }],
  ] as const)
    finishes.push(await hold(path, body, TOKEN));
  await gateway.rotateToken();
  for (const finish of finishes) expect(await finish()).toBe(401);
  const { sessions } = await core.sessions.list({ limit: 10 });
  expect([sessions.filter(({ title }) => title === "late"), model.requests]).toEqual([[], []]);
});

test("a code lets nobody in whose page was switched off before it came, and never more than twenty phones", async () => {
  const { pair, hold, offer, enter, ask, post, core, gateway } = await openPhoneBench();
  const code = await offer();
  const finish = await hold("/phone/pair", { code });
  const address = { host: "0.0.0.0", port: gateway.port, tls: "selfSigned" as const };
  const tokens = [{ name: "default", value: TOKEN, scope: "admin" as const }];
  await gateway.reconfigure({ tokens, address, remote: false });
  expect(await finish()).toBe(404);
  await gateway.reconfigure({ tokens, address, remote: true });
  expect((await enter(code)).status).toBe(200);
  const phone = await pair();
  const [kept] = await core.store.listNotes("phone", `paired:${phone.id}`);
  const more = Array.from({ length: 17 }, (_, at) => ({
    note: { channel: "phone", key: `paired:more-${at}` },
    value: { ...kept!.value, digest: at.toString(16).padStart(64, "0") },
  }));
  await core.store.commit({ channels: more });
  // Room for one.
  expect((await enter(await offer())).status).toBe(200);
  expect((await ask("/api/phones/list", { token: TOKEN })).body.count).toBe(20);
  expect((await post("/api/phones/pair", {})).body.error).toMatchObject({ code: "conflict" });
  await post("/api/phones/remove", { id: "more-0" });
  await offer();
  // A code that waits has its place.
  expect((await post("/api/phones/pair", {})).body.error).toMatchObject({ code: "conflict" });
});

test("foreign pages, other names and forms pair nothing; the page's own origin does", async () => {
  const { enter, offer, ask, pair, own, gateway } = await openPhoneBench();
  const code = await offer();
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: own.replace("https", "http") },
    { origin: `${own}0` },
    { host: `rebound.example:${gateway.port}` },
    { host: `rebound.example:${gateway.port}`, origin: `https://rebound.example:${gateway.port}` },
  ] as Record<string, string>[])
    expect([headers, (await enter(code, { headers })).status]).toEqual([headers, 403]);
  expect((await enter(code, { headers: { "content-type": "text/plain" } })).status).toBe(415);
  expect((await ask(`/phone/pair?code=${code}`, { method: "POST", body: { code } })).status).toBe(400);
  expect((await ask("/phone/pair", { method: "POST", body: { code, admin: true } })).status).toBe(400);
  const entered = await enter(code, { headers: { origin: own } });
  expect(entered.status).toBe(200);
  expect(Object.keys(entered.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  const { token } = await pair();
  expect((await ask("/api/sessions/list", { token, headers: { origin: "https://evil.example" } })).status).toBe(403);
  expect((await ask("/api/sessions/list", { token, headers: { origin: own } })).status).toBe(200);
});

test("while it is off there is no door for phones, and none that was paired comes in; on again they do", async () => {
  const { pair, ask, post, enter, offer, own, gateway, hold } = await openPhoneBench();
  const phone = await pair(true);
  const finish = await hold("/api/sessions/send", { message: "late", timeoutSeconds: 0 }, phone.token);
  const code = await offer();
  const address = { host: "0.0.0.0", port: gateway.port, tls: "selfSigned" as const };
  const tokens = [{ name: "default", value: TOKEN, scope: "admin" as const }];
  await gateway.reconfigure({ tokens, address, remote: false });
  expect((await enter(code)).status).toBe(404);
  const headers = { origin: own };
  expect((await enter(code, { headers })).status).toBe(503);
  expect((await ask("/api/sessions/list", { token: phone.token, headers })).status).toBe(503);
  expect((await enter(code, { headers: { origin: "https://evil.example" } })).status).toBe(403);
  expect(await finish()).toBe(503);
  // One that took this for the end of its token would have to be paired anew.
  expect((await ask("/api/sessions/list", { token: phone.token })).body.error).toMatchObject({ code: "unavailable" });
  expect((await post("/api/phones/pair", {})).body.error).toMatchObject({ code: "unavailable" });
  expect((await ask("/api/phones/list", { token: TOKEN })).body).toMatchObject({ on: false, count: 1 });
  await gateway.reconfigure({ tokens, address, remote: true });
  expect((await ask("/api/sessions/list", { token: phone.token })).status).toBe(200);
  await expect(
    gateway.reconfigure({ tokens, address: { ...address, host: "127.0.0.1" }, remote: true }),
  ).rejects.toThrow(/phones can reach/);
  // Also where the address that comes with it cannot be had.
  await expect(
    gateway.reconfigure({ tokens, address: { ...address, host: "203.0.113.7" }, remote: false }),
  ).rejects.toThrow();
  expect((await ask("/api/sessions/list", { token: phone.token })).status).toBe(503);
});

test("it does not start where phones cannot come, or without TLS", async () => {
  await expect(openGatewayBench({ gateway: { remote: true } })).rejects.toThrow(/needs gateway\.tls/);
  await expect(openGatewayBench({ gateway: { remote: true, tls: "selfSigned" } })).rejects.toThrow(
    /this machine alone/,
  );
  await expect(openGatewayBench({ gateway: { remote: true, host: "0.0.0.0" } })).rejects.toThrow(/needs gateway\.tls/);
});

const files: PhoneFiles = {
  read: async (name) => Buffer.from(`of ${name}`),
  texts: async (language): Promise<Record<string, string>> =>
    language === "de" ? { Pair: "</script><b>Koppeln" } : {},
};

test("the page is open to all, holds nothing of anybody, and lets nothing in from elsewhere", async () => {
  const { text, ask, own, gateway, core } = await openPhoneBench({ gateway: { phoneFiles: files } });
  await core.sessions.update("main", { title: "A secret plan" });
  const page = await text("/phone/");
  expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
  expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
  expect(policy).toMatch(/frame-ancestors 'none'/);
  expect(page.headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  // Nothing runs that stands in it, and nothing of whoever is paired or asked about is in it.
  expect(page.text).not.toMatch(
    /A secret plan|style=|\son\w+=|<style|<script(?! type="application\/json"| type="module" src="\/phone\/app\.js")/,
  );
  const german = await text("/phone/", { headers: { "accept-language": "de-AT,en;q=0.5" } });
  expect(german.text).toContain('<html lang="de">');
  expect(german.text.match(/<\/script>/g)).toHaveLength(2);
  for (const language of ["../../x", "xx", "DE".repeat(50), "*"])
    expect((await text("/phone/", { headers: { "accept-language": language } })).text).toContain('lang="en"');
  for (const path of [
    "/phone/app.js",
    "/phone/app.css",
    "/phone/worker.js",
    "/phone/icon-192.png",
    "/phone/manifest.json",
  ])
    expect([path, (await text(path)).status]).toEqual([path, 200]);
  const moved = await text("/phone");
  expect([moved.status, moved.headers.location]).toEqual([308, "/phone/"]);
  expect((await ask("/phone/", { method: "POST", body: {} })).status).toBe(405);
  expect((await ask("/phone/../api/sessions/list")).status).toBe(401);
  expect((await ask("/phone/openclaw.yml")).status).toBe(401);
  expect((await ask("/phone/", { headers: { host: `rebound.example:${gateway.port}` } })).status).toBe(403);
  expect((await ask("/phone/app.js", { headers: { origin: "https://evil.example" } })).status).toBe(403);
  expect((await text("/phone/app.js", { headers: { origin: own } })).status).toBe(200);
  const address = { host: "0.0.0.0", port: gateway.port, tls: "selfSigned" as const };
  await gateway.reconfigure({ tokens: [{ name: "default", value: TOKEN, scope: "admin" }], address });
  for (const path of ["/phone", "/phone/", "/phone/app.js"])
    expect([path, (await ask(path)).status]).toEqual([path, 404]);
});

test("a phone hears of sessions and of what waits, and of nothing else that happens", async () => {
  const { pair, open, core } = await openPhoneBench({ turns: [["hello"]] });
  const { token } = await pair();
  const stream = await open("/api/events", { token });
  const types: string[] = [];
  const done = new Promise<void>((resolve) => {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      for (const [, type] of chunk.matchAll(/^event: (.*)$/gm)) types.push(type!);
      if (types.includes("run.finished")) resolve();
    });
  });
  // Told before the run, so that it would be here by the run's end.
  core.tell({ type: "gateway.changed", reason: "configuration" });
  core.tell({ type: "channel.changed", channel: "telegram" });
  await core.sessions.create({ title: "x" });
  await core.sessions.send({ text: "hi", origin: { via: "panel" }, sessionKey: "main" });
  await done;
  expect(types).toContain("session.changed");
  expect(types.filter((type) => !/^(session\.changed|run\.|message|text\.|usage)/.test(type))).toEqual([]);
});
