import { expect, test } from "vitest";
import { openGatewayBench, TOKEN } from "./bench.ts";

test("a session's mode is set by who may answer approvals, told to them, and needs a sandbox to let everything run", async () => {
  const tokens = [
    { name: "default", value: TOKEN, scope: "admin" as const },
    { name: "ci", value: `${TOKEN}-ci`, scope: "write" as const },
  ];
  const { get, post } = await openGatewayBench({ gateway: { tokens } });
  const ci = { Authorization: `Bearer ${TOKEN}-ci` };
  const set = (mode: unknown, more = {}) => post("/api/approvals/mode", { sessionKey: "main", mode }, more);
  expect((await set("auto-safe", ci)).status).toBe(403);
  expect(await set("auto-safe")).toMatchObject({ status: 200, body: { sessionKey: "main", mode: "auto-safe" } });
  expect((await get("/api/session/status")).body).toMatchObject({ mode: "auto-safe", config: { approvals: "ask" } });
  expect((await get("/api/session/status", ci)).body).toMatchObject({ mode: "ask" });
  expect(await set("auto")).toMatchObject({ status: 503, body: { error: { message: /sandbox/ } } });
  expect((await set("deny")).status).toBe(400);
  expect((await set(null)).status).toBe(200);
  expect((await get("/api/session/status")).body).toMatchObject({ mode: "ask" });
});
