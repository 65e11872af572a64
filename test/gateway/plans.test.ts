import { expect, test } from "vitest";
import { nextEvent } from "../core/bench.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

test("a send may ask for a plan, which is read, edited and accepted over REST, by who may send", async () => {
  const tokens = [
    { name: "default", value: TOKEN, scope: "admin" as const },
    { name: "ci", value: `${TOKEN}-ci`, scope: "write" as const },
    { name: "eye", value: `${TOKEN}-eye`, scope: "read" as const },
  ];
  const { core, get, post } = await openGatewayBench({
    gateway: { tokens },
    turns: [["# Plan"], ["done"], ["# Next"], ["done, too"]],
  });
  const ci = { Authorization: `Bearer ${TOKEN}-ci` };
  const eye = { Authorization: `Bearer ${TOKEN}-eye` };
  const begun = nextEvent(core, "run.started");
  expect((await get("/api/plans/get")).status).toBe(404);
  expect((await post("/api/sessions/send", { message: "x", mode: "auto" }, ci)).status).toBe(400);
  expect((await post("/api/sessions/send", { message: "x", mode: "plan" }, ci)).body).toMatchObject({
    reply: "# Plan",
  });
  expect((await get("/api/runs/list", eye)).body["runs"]).toMatchObject([{ plan: true }]);
  const { body } = await get("/api/plans/get", eye);
  expect(body).toMatchObject({ sessionKey: "main", text: "# Plan", holds: false });
  expect(await begun).toMatchObject({ plan: true });
  expect((await post("/api/plans/accept", {}, eye)).status).toBe(403);
  expect((await post("/api/plans/accept", { runId: "run_other" }, ci)).status).toBe(409);
  for (const text of ["", " \n", "\u200b\ufeff"])
    expect((await post("/api/plans/accept", { text }, ci)).status).toBe(400);
  const edited = { runId: body["runId"], text: "# My plan" };
  expect((await post("/api/plans/accept", edited, ci)).body).toMatchObject({ status: "ok", reply: "done" });
  expect((await post("/api/plans/accept", edited, ci)).status).toBe(404);
  expect((await get("/api/sessions/history")).body["messages"]).toContainEqual(
    expect.objectContaining({ role: "user", plan: "# My plan" }),
  );
  expect((await post("/api/plans/end", {}, eye)).status).toBe(403);
  expect((await post("/api/plans/end", {}, ci)).body).toEqual({ sessionKey: "main", ended: true });
  expect((await post("/api/plans/end", {}, ci)).body).toMatchObject({ error: { code: "not_found" } });
  await post("/api/approvals/mode", { sessionKey: "main", mode: "plan" });
  expect((await get("/api/session/status", ci)).body).toMatchObject({ mode: "plan" });
  await post("/api/sessions/send", { message: "y" }, ci);
  expect((await post("/api/plans/accept", {}, ci)).body).toMatchObject({ error: { code: "forbidden" } });
  expect((await post("/api/plans/accept", {})).body).toMatchObject({ reply: "done, too" });
  expect((await get("/api/session/status")).body).toMatchObject({ mode: "ask" });
});
