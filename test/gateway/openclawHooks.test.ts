import { describe, expect, test } from "vitest";
import { bearer, CI, openHookBench } from "./hookBench.ts";

describe("OpenClaw's own", () => {
  const hooks = { agent: { token: CI }, wake: { token: CI } };

  test("agent runs a turn in a session of its own", async () => {
    const { deliver, core, textOf } = await openHookBench(hooks, { turns: [["done"]] });
    const body = { message: "Summarise the inbox", name: "Email", deliver: true, channel: "last", wakeMode: "now" };
    const answer = await deliver("agent", JSON.stringify(body), bearer());
    expect(answer).toMatchObject({ status: 202, body: { ok: true, status: "accepted" } });
    expect(answer.headers.get("x-pincer-ignored")).toBe("wakeMode, deliver, channel");
    expect(await textOf(answer.body.runId)).toBe("Summarise the inbox");
    expect(await core.sessions.get(answer.body.sessionKey)).toMatchObject({ title: "Email" });
    for (const wrong of [{}, { message: " " }, { message: "x", colour: 1 }, { message: "x", sessionKey: "a" }, []])
      expect((await deliver("agent", JSON.stringify(wrong), bearer())).status, JSON.stringify(wrong)).toBe(400);
  });

  test("a model that its sender names and nobody knows is the sender's fault, that of the configuration is not", async () => {
    const { deliver } = await openHookBench({
      agent: { token: CI },
      ci: { token: `${CI}2`, message: "x", model: "no/such" },
    });
    const named = await deliver("agent", JSON.stringify({ message: "x", model: "no/such" }), bearer());
    expect(named).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
    expect(JSON.stringify(named.body)).toContain("no/such");
    expect(JSON.stringify(named.body)).not.toContain("not set up");
    expect((await deliver("ci", "{}", bearer(`${CI}2`))).status).toBe(503);
  });

  test("agent goes on in a session that its sender names, where it may", async () => {
    const { deliver, core } = await openHookBench({ agent: { token: CI, sessionKeys: true } });
    await core.sessions.create({ key: "private" });
    const send = async (sessionKey: string) =>
      (await deliver("agent", JSON.stringify({ message: "x", sessionKey }), bearer())).body.sessionKey;
    expect([await send("hook:email:1"), await send("hook:email:1"), await send("private"), await send("main")]).toEqual(
      ["hook:email:1", "hook:email:1", "hook:private", "hook:main"],
    );
  });

  test("a session's name leads nowhere", async () => {
    const { deliver } = await openHookBench({ agent: { token: CI, sessionKeys: true } });
    const body = JSON.stringify({ message: "x", sessionKey: "../../etc" });
    expect((await deliver("agent", body, bearer())).status).toBe(400);
  });

  test.each([
    ["in the body", { idempotencyKey: "7" }, {}],
    ["as a number in the body", { idempotencyKey: 7 }, {}],
    ["in OpenClaw's header", {}, { "X-OpenClaw-Idempotency-Key": "7" }],
  ])("a delivery to agent that its sender names %s is done once", async (_where, more, headers) => {
    const { deliver, core } = await openHookBench(hooks);
    const body = JSON.stringify({ message: "x", ...more });
    const send = async () => (await deliver("agent", body, { ...bearer(), ...headers })).body.runId;
    expect(await send()).toBe(await send());
    expect((await core.runs.list({ limit: 10 })).length).toBe(1);
  });

  test("wake puts an event into the main session, and wakes it or not", async () => {
    const { deliver, core } = await openHookBench(hooks, { turns: [["seen"]] });
    const later = await deliver("wake", '{"text":"Mail","mode":"next-heartbeat"}', { ...bearer(), "webhook-id": "1" });
    expect(later).toMatchObject({ status: 202, body: { ok: true, mode: "next-heartbeat", runId: null } });
    await deliver("wake", '{"text":"Mail","mode":"next-heartbeat"}', { ...bearer(), "webhook-id": "1" });
    expect((await core.runs.list({ limit: 10 })).length).toBe(0);
    const now = await deliver("wake", '{"text":"Fire"}', bearer());
    expect(now).toMatchObject({ status: 202, body: { ok: true, mode: "now", sessionKey: "main" } });
    await core.runs.wait(now.body.runId, 60_000);
    const { messages } = await core.sessions.history("main", { limit: 10, includeTools: false });
    expect(messages.map(({ role, text }) => `${role} ${text}`)).toEqual([
      "system Mail",
      "system Fire",
      "assistant seen",
    ]);
  });
});
