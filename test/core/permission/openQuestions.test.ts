import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../../src/core/ports/tool.ts";
import { call } from "../../fakes/scriptedProvider.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";

const origin = { via: "api" } as const;

/** A tool that asks about what there is when it asks; nothing, and it asks nobody. */
function changing() {
  const state = { now: "one" };
  const tool = defineTool({
    name: "change",
    description: "",
    input: z.object({}),
    effect: "write",
    approval: async () =>
      state.now === ""
        ? undefined
        : {
            summary: state.now,
            subject: { type: "other", text: state.now },
            reason: "changes it",
            safe: false,
            protected: false,
          },
    run: async () => ({ text: `changed ${state.now}` }),
  });
  return { tool, state };
}

const answers = ({ events }: Bench) =>
  events.flatMap((event) =>
    event.type === "approval.answered" ? [[event.approvalId, event.tool, event.decision, event.by]] : [],
  );

test("what was asked before a restart about another state of things waits no more", async () => {
  const { tool, state } = changing();
  const first = await openBench({ tools: [tool], turns: [[call("change", {}, "1")]] });
  const asked = nextEvent(first.core, "approval.asked");
  await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const old = (await asked).approval;
  state.now = "two";
  const second = await first.kill([["done"]]);
  await expect.poll(async () => (await second.core.approvals.list()).map(({ summary }) => summary)).toEqual(["two"]);
  expect(answers(second)).toEqual([[old.id, "change", "deny", "withdrawn"]]);
  await expect(second.core.approvals.answer(old.id, "allow", "panel")).rejects.toMatchObject({ code: "not_found" });
  const [waiting] = await second.core.approvals.list();
  const ended = nextEvent(second.core, "run.finished");
  await second.core.approvals.answer(waiting!.id, "allow", "panel");
  await ended;
});

test("nor what is not asked any more", async () => {
  const { tool, state } = changing();
  const first = await openBench({ tools: [tool], turns: [[call("change", {}, "1")]] });
  const asked = nextEvent(first.core, "approval.asked");
  const { id: runId } = await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const old = (await asked).approval;
  state.now = "";
  const wait = Promise.withResolvers<void>();
  const second = await first.kill([["do", "ne", { wait: wait.promise }]]);
  await expect.poll(() => answers(second)).toEqual([[old.id, "change", "deny", "withdrawn"]]);
  expect(await second.core.approvals.list()).toEqual([]);
  wait.resolve();
  expect((await second.core.runs.wait(runId, 60_000)).outcome?.type).toBe("done");
});

test("a call by hand that is given up asks no more, and whoever watches is told", async () => {
  const { tool } = changing();
  const bench = await openBench({ tools: [tool] });
  const request = new AbortController();
  const asked = nextEvent(bench.core, "approval.asked");
  const made = bench.core.tools.invoke({
    sessionKey: "main",
    name: "change",
    input: {},
    origin,
    signal: request.signal,
  });
  const { approval } = await asked;
  request.abort(new Error("the client went away"));
  await expect(made).rejects.toThrow("the client went away");
  expect(answers(bench)).toEqual([[approval.id, "change", "deny", "withdrawn"]]);
  expect(await bench.core.approvals.list()).toEqual([]);
  await expect(bench.core.approvals.answer(approval.id, "allow", "panel")).rejects.toMatchObject({ code: "not_found" });
});

test("of the session of a call by hand it is told that something waits there, and then that it does not; it is as it was", async () => {
  const { tool } = changing();
  const bench = await openBench({ tools: [tool] });
  const told = () => bench.events.flatMap((event) => (event.type === "session.changed" ? [event.session] : []));
  const asked = nextEvent(bench.core, "approval.asked");
  const { signal } = new AbortController();
  const made = bench.core.tools.invoke({ sessionKey: "main", name: "change", input: {}, origin, signal });
  const { approval } = await asked;
  const before = await bench.core.sessions.get("main");
  await expect.poll(told).toHaveLength(1);
  await bench.core.approvals.answer(approval.id, "allow", "panel");
  await made;
  expect(told()).toEqual([told()[0], told()[0]]);
  expect(told()[0]).toMatchObject({ key: "main", state: "idle", updatedAt: before.updatedAt });
});

test("nor does one whose gateway was killed, while runs that wait ask on", async () => {
  const { tool } = changing();
  const first = await openBench({ tools: [tool], turns: [[call("change", {}, "1")]] });
  const asked = nextEvent(first.core, "approval.asked");
  await first.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  const ofRun = (await asked).approval;
  const next = nextEvent(first.core, "approval.asked");
  const { signal } = new AbortController();
  void first.core.tools.invoke({ sessionKey: "main", name: "change", input: {}, origin, signal }).catch(() => {});
  const byHand = (await next).approval;
  const second = await first.kill([["done"]]);
  expect(await second.core.approvals.list()).toEqual([ofRun]);
  await expect(second.core.approvals.answer(byHand.id, "allow", "panel")).rejects.toMatchObject({ code: "not_found" });
});
