import { expect, test } from "vitest";
import { createClient } from "../../src/protocol/client.ts";
import type { Routes } from "../../src/gateway/routes/routeTable.ts";
import { connectWire } from "../../src/client/connectWire.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { AppError } from "../../src/base/appError.ts";
import { createTokens } from "../../src/gateway/auth/tokens.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

const scoped = ["read", "write", "admin"].map((scope) => ({
  name: scope,
  value: `${scope}-token-0123456789abcdefghij`,
  scope: scope as "read",
}));

test("a token may do what its scope says, whatever the client says", async () => {
  const { get, post, gateway } = await openGatewayBench({ gateway: { tokens: scoped } });
  const seen: Record<string, (number | string)[]> = {};
  for (const { name, value } of scoped) {
    const headers = { Authorization: `Bearer ${value}`, "X-Pincer-Client": "panel", "X-Scope": "admin" };
    seen[name] = [
      (await get("/api/sessions/list", headers)).status,
      (await post("/api/sessions/create", {}, headers)).status,
      (await post("/api/approvals/answer", { id: "x", decision: "allow" }, headers)).status,
    ];
    const client = createClient<Routes>(await connectWire({ url: gateway.url, token: value }));
    await client.call("cron.wake", { text: "hi" }).catch((error: AppError) => seen[name]!.push(error.code));
    client.close();
  }
  expect(seen).toEqual({ read: [200, 403, 403, "forbidden"], write: [200, 200, 403], admin: [200, 200, 404] });
});

test("ten wrong tokens in a minute lock an address out, but not who has a right one here", async () => {
  const clock = createFakeClock();
  const { get } = await openGatewayBench({ gateway: { clock } });
  const wrong = { Authorization: "Bearer wrong" };
  const statuses = await Promise.all(
    Array.from({ length: 15 }, async () => (await get("/api/models/list", wrong)).status),
  );
  expect(statuses.toSorted((a, b) => a - b)).toEqual([...Array<number>(10).fill(401), ...Array<number>(5).fill(429)]);
  const locked = await get("/api/models/list", wrong);
  expect(locked).toMatchObject({ status: 429, body: { error: { code: "rate_limited", retryAfterMs: 60_000 } } });
  expect(locked.headers.get("retry-after")).toBe("60");
  expect((await get("/api/models/list")).status).toBe(200);
  expect((await get("/api/models/list", { Authorization: "" })).status).toBe(401);
  await clock.advance(60_001);
  expect((await get("/api/models/list", wrong)).status).toBe(401);
});

test("there is no exemption for a web page, even with the right token", async () => {
  const { get } = await openGatewayBench({ gateway: { origins: ["https://panel.example"] } });
  const page = { Origin: "https://panel.example" };
  expect((await get("/api/models/list", page)).status).toBe(200);
  for (let attempt = 0; attempt < 10; attempt++)
    await get("/api/models/list", { ...page, Authorization: "Bearer wrong" });
  expect((await get("/api/models/list", page)).status).toBe(429);
  expect((await get("/api/models/list", { Origin: "https://other.example" })).status).toBe(403);
});

test("a rotated token is dead at once, and what it held open is closed", async () => {
  const kept: string[] = [];
  const { get, post, auth, gateway } = await openGatewayBench({
    gateway: { onTokenRotated: async (name, value) => void kept.push(name, value) },
  });
  const stream = await fetch(`${gateway.url}/api/events`, { headers: auth });
  const wire = await connectWire({ url: gateway.url, token: TOKEN });
  const wireClosed = new Promise<string>((resolve) => wire.onClose(resolve));
  const own = gateway.connect({ via: "panel" });
  let ownClosed = false;
  own.onClose(() => (ownClosed = true));

  const { status, body } = await post("/api/gateway/token/rotate", {});
  expect(status).toBe(200);
  expect(body.token).toMatch(/^[\w-]{43}$/);
  expect(kept).toEqual(["default", body.token]);
  expect((await get("/api/models/list")).status).toBe(401);
  expect((await get("/api/models/list", { Authorization: `Bearer ${body.token}` })).status).toBe(200);
  expect(await wireClosed).toBe("token rotated");
  expect(await stream.text()).toContain(": closed, token rotated");
  expect(ownClosed).toBe(false);
});

test("a rotation over a wire is answered before the wire closes; one that cannot be kept changes nothing", async () => {
  let full = true;
  const { get, gateway } = await openGatewayBench({
    gateway: {
      onTokenRotated: async () => {
        if (full) throw new AppError("unavailable", "The disk is full");
      },
    },
  });
  const wire = await connectWire({ url: gateway.url, token: TOKEN });
  const closed = new Promise<string>((resolve) => wire.onClose(resolve));
  const client = createClient<Routes>(wire);
  await expect(client.call("gateway.token.rotate", {})).rejects.toMatchObject({ code: "unavailable" });
  expect((await get("/api/models/list")).status).toBe(200);
  full = false;
  const { token } = await client.call("gateway.token.rotate", {});
  expect(gateway.tokens.value()).toBe(token);
  expect(await closed).toBe("token rotated");
});

test("no wrong token is taken for a right one, however alike", () => {
  const tokens = createTokens(scoped);
  const [{ value }] = scoped as [(typeof scoped)[0]];
  const alike = Array.from(value, (_, at) => `${value.slice(0, at)}~${value.slice(at + 1)}`);
  const others = Array.from({ length: 2000 }, (_, at) => `${value}${at}`);
  const wrong = [...alike, ...others, value.slice(1), value.slice(0, -1), value.toUpperCase(), "", " "];
  expect(wrong.filter((token) => tokens.find(token) !== undefined)).toEqual([]);
  expect(tokens.find(value)).toMatchObject({ name: "read", scope: "read" });
});

test("the doors of other clients ask for the same rights", async () => {
  const { post, get, core } = await openGatewayBench({ gateway: { tokens: scoped } });
  const [read] = scoped.map(({ value }) => ({ Authorization: `Bearer ${value}` }));
  const chat = { model: "pincer", messages: [{ role: "user", content: "hi" }] };
  const asked: [path: string, body: object][] = [
    ["/v1/chat/completions", chat],
    ["/v1/responses", { model: "pincer", input: "hi" }],
    ["/tools/invoke", { tool: "sessions_send", args: { sessionKey: "main", message: "hi" } }],
  ];
  for (const [path, body] of asked) expect((await post(path, body, read)).status, path).toBe(403);
  expect((await get("/v1/models", read)).status).toBe(200);
  expect(await core.runs.list({ limit: 10 })).toEqual([]);
});
