import { expect, test } from "vitest";
import { call } from "../../fakes/scriptedProvider.ts";
import { type Bench, nextEvent, openBench } from "../bench.ts";

const origin = { via: "api" as const };
const later = call("note", { text: "later" });

async function ask(bench: Bench) {
  const asked = nextEvent(bench.core, "approval.asked");
  const run = await bench.core.sessions.send({ text: "go", origin, sessionKey: "main" });
  return { run, approval: (await asked).approval };
}

const count = (bench: Bench, type: string) => bench.events.filter((event) => event.type === type).length;

/** Another process over the same store, which is given no runs. */
const openOther = (bench: Bench) => openBench({ folder: bench.folder, idle: true });

test("a question is answered in any process, and heard in the one that asked", async () => {
  const one = await openBench({ turns: [[later], ["end"]] });
  const { run, approval } = await ask(one);
  const two = await openOther(one);
  expect(await two.core.approvals.list()).toEqual([approval]);
  expect(await two.core.approvals.answer(approval.id, "allow", "panel")).toEqual(approval);
  one.core.look();
  expect(await run.outcome).toEqual({ type: "done", reply: "end" });
  expect(await one.core.approvals.list()).toEqual([]);
  expect(count(one, "approval.answered")).toBe(1);
});

test("the first answer wins, whoever gives it, twenty times", async () => {
  for (let round = 0; round < 20; round++) {
    const one = await openBench({ turns: [[later], ["end"]] });
    const { run, approval } = await ask(one);
    const two = await openOther(one);
    const answers = await Promise.allSettled([
      one.core.approvals.answer(approval.id, "allow", "panel"),
      two.core.approvals.answer(approval.id, "deny", "api:ci"),
    ]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(answers.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "not_found" } });
    one.core.look();
    await run.outcome;
    expect(count(one, "approval.answered")).toBe(1);
  }
});

test("what is allowed for the session elsewhere is allowed here, and what waits beside it is covered", async () => {
  const same = (id: string) => call("note", { text: "later" }, id);
  const one = await openBench({ turns: [[same("a"), same("b")], [same("c")], ["end"]] });
  const { run, approval } = await ask(one);
  await expect.poll(async () => (await one.core.approvals.list()).length).toBe(2);
  const two = await openOther(one);
  await two.core.approvals.answer(approval.id, "allow_session", "panel");
  one.core.look();
  expect(await run.outcome).toEqual({ type: "done", reply: "end" });
  expect(count(one, "approval.asked")).toBe(2);
});

test("a question outlives its process: answered while nobody works on its run, it is not asked again", async () => {
  const one = await openBench({ turns: [[later]] });
  const { run, approval } = await ask(one);
  const two = await openOther(one);
  await one.core.close();
  expect(await two.core.approvals.list()).toEqual([approval]);
  await two.core.approvals.answer(approval.id, "allow", "panel");
  const three = await one.restart([["end"]]);
  expect((await three.core.runs.wait(run.id, 60_000)).outcome).toEqual({ type: "done", reply: "end" });
  expect(count(three, "approval.asked")).toBe(0);
});

test("one that still waits keeps its number, and another question is another", async () => {
  const one = await openBench({ turns: [[later]] });
  const { run, approval } = await ask(one);
  const two = await one.restart([["end"]]);
  await expect.poll(async () => (await two.core.sessions.get("main")).state).toBe("waiting");
  expect(await two.core.approvals.list()).toEqual([approval]);
  two.core.look();
  await two.core.approvals.answer(approval.id, "deny", "panel");
  await two.core.runs.wait(run.id, 60_000);
  expect(two.model.requests[0]!.messages.at(-1)).toMatchObject({ role: "tool", isError: true });
  await expect(two.core.approvals.answer(approval.id, "allow", "panel")).rejects.toMatchObject({ code: "not_found" });
});

test("what was allowed for a session is over once that is reset or deleted elsewhere, also for the next of its key", async () => {
  const one = await openBench({ turns: ["a", "b", "c", "d"].flatMap((reply) => [[later], [reply]]) });
  one.core.events.on((event) => {
    if (event.type === "approval.asked") void one.core.approvals.answer(event.approval.id, "allow_session", "panel");
  });
  const { key } = await one.core.sessions.create({ key: "openai-harbour" });
  const asked = async () => {
    const run = await one.core.sessions.send({ text: "go", origin, sessionKey: key });
    expect((await run.outcome).type).toBe("done");
    return count(one, "approval.asked");
  };
  expect(await asked()).toBe(1);
  expect(await asked()).toBe(1);
  const two = await openOther(one);
  await two.core.sessions.reset(key);
  expect(await asked()).toBe(2);
  await two.core.sessions.delete(key);
  await two.core.sessions.create({ key });
  expect(await asked()).toBe(3);
});
