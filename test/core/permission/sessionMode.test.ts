import { expect, test } from "vitest";
import { modeInForce } from "../../../src/core/permission/sessionMode.ts";
import type { Origin } from "../../../src/protocol/message.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { nextEvent, openBench } from "../bench.ts";
import { shell } from "./shellTool.ts";

const me: Origin = { via: "panel", id: "default" };
const turn = (line: string, id: string) => [[call("shell", { line }, id)], ["done"]];

test("a session's mode holds for the person who set it, at the door they came by, and protected things still ask", async () => {
  const tried: [Origin, line: string, asks: boolean][] = [
    [me, "npm install", false],
    [me, "cat .env", true],
    [{ via: "panel" }, "npm install", true],
    [{ via: "api", id: "default" }, "npm install", true],
    [{ via: "telegram", id: "42" }, "npm install", true],
    [{ via: "cron", id: "job_1" }, "npm install", true],
    [{ via: "subagent", id: "run_1" }, "npm install", true],
    [{ via: "webhook" }, "npm install", true],
  ];
  const { core } = await openBench({
    tools: [shell],
    turns: [...tried.map(([, line], at) => turn(line, `c${at}`)), turn("npm install", "last")].flat(),
  });
  await core.sessions.setMode("main", "auto", me);
  for (const [origin, line, asks] of tried) expect(await isAsked(origin, line), `${origin.via} ${line}`).toBe(asks);
  await core.sessions.setMode("main", null, me);
  expect(await isAsked(me, "npm install")).toBe(true);

  async function isAsked(origin: Origin, line: string): Promise<boolean> {
    const next = Promise.race([nextEvent(core, "approval.asked"), nextEvent(core, "run.finished")]);
    const run = await core.sessions.send({ text: line, origin, sessionKey: "main" });
    const event = await next;
    if (event.type === "approval.asked") await core.approvals.answer(event.approval.id, "deny", "panel");
    await run.outcome;
    return event.type === "approval.asked";
  }
});

test("neither a fork nor a child has it; a fork of one that plans plans, too", async () => {
  const { core } = await openBench({ turns: [["done"]] });
  await core.sessions.setMode("main", "auto", me);
  await (
    await core.sessions.send({ text: "go", origin: me, sessionKey: "main" })
  ).outcome;
  expect((await core.sessions.get("main")).mode).toEqual({ is: "auto", by: me });
  expect((await core.sessions.fork("main", {})).mode).toBeUndefined();
  await core.sessions.setMode("main", "plan", me);
  const { key } = await core.sessions.fork("main", {});
  expect((await core.sessions.get(key)).mode).toEqual({ is: "plan", by: me });
});

test("where the configuration denies all, no session goes further", async () => {
  const { core } = await openBench({ settings: { approvals: "deny" } });
  await expect(core.sessions.setMode("main", "auto", me)).rejects.toThrow("approvals: deny");
  const run = { id: "r", origin: me };
  const session = { mode: { is: "auto" as const, by: me } };
  expect(modeInForce({ approvals: "deny" }, session, run)).toEqual({ approvals: "deny", sandbox: "auto", plan: false });
});

test("everything unasked means that commands must run in the sandbox, whatever else is configured", () => {
  const run = { id: "r", origin: me };
  const inForce = (is: "ask" | "auto-safe" | "auto") =>
    modeInForce({ approvals: "auto", sandbox: "off" }, { mode: { is, by: me } }, run);
  expect(inForce("auto")).toEqual({ approvals: "auto", sandbox: "required", plan: false });
  expect(inForce("ask")).toEqual({ approvals: "ask", sandbox: "off", plan: false });
});
