import { expect, test } from "vitest";
import { connectWire } from "../../src/client/connectWire.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";
import { createAttempts } from "../../src/gateway/auth/attempts.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

const tokens = [
  { name: "default", value: TOKEN, scope: "admin" as const },
  { name: "ci", value: `${TOKEN}ci`, scope: "write" as const, requestsPerMinute: 3 },
];
const ci = { Authorization: `Bearer ${TOKEN}ci` };

test("a token that has used up its requests waits, and others do not", async () => {
  const clock = createFakeClock();
  const { get, post } = await openGatewayBench({ clock, gateway: { tokens } });
  for (let index = 0; index < 3; index++) expect((await get("/api/sessions/list", ci)).status).toBe(200);
  await clock.advance(20_000);
  const refused = await post("/api/sessions/nothing", {}, ci);
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("40");
  expect(refused.body.error).toMatchObject({ code: "rate_limited", retryAfterMs: 40_000 });
  expect((await post("/v1/chat/completions", {}, ci)).body.error.type).toBe("rate_limit_error");
  expect((await get("/api/sessions/list")).status).toBe(200);
  await clock.advance(40_000);
  expect((await get("/api/sessions/list", ci)).status).toBe(200);
});

test("frames count as requests do", async () => {
  const { gateway } = await openGatewayBench({ gateway: { tokens } });
  const wire = await connectWire({ url: gateway.url, token: `${TOKEN}ci` });
  const answers: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    wire.onFrame((frame) => {
      answers.push("error" in frame ? frame.error.code : "ok");
      if (answers.length === 4) resolve();
    });
  });
  for (const id of ["1", "2", "3", "4"]) wire.send({ type: "req", id, method: "sessions.list" });
  await done;
  // The handshake was the first.
  expect(answers.toSorted()).toEqual(["ok", "ok", "rate_limited", "rate_limited"]);
  wire.close();
});

test("wrong tries lock an address for a minute, and no longer where the clock is set back", async () => {
  const clock = createFakeClock();
  const attempts = createAttempts(clock, { limit: 2 });
  const tries = () => [1, 2, 3].map(() => attempts.begin("10.0.0.7").retryAfterMs);
  expect(tries()).toEqual([0, 0, 60_000]);
  await clock.set(clock.now() - 3_600_000);
  expect(tries()).toEqual([0, 0, 60_000]);
});
