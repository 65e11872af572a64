import { expect, test } from "vitest";
import { AppError } from "../../src/base/appError.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { ANNA, BORIS, GROUP, openChat, STRANGER, poll } from "./chatBench.ts";

const NOTE = call("note", { text: "remember" });

test("a question comes as buttons; only who led to it may press, once, and they go when it is answered", async () => {
  const { telegram, bench } = await openChat({ turns: [[NOTE], ["noted"]] });
  telegram.say(ANNA, "note it", { chat: GROUP, extra: { entities: [] }, replyTo: { from: { id: 4242 } } });
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  expect(ask).toMatchObject({ chat: GROUP.id });
  expect(ask.buttons[0]!.map(({ text }) => text)).toEqual(["Allow once", "Deny"]);
  const pressed = () =>
    telegram.calls.filter(({ method }) => method === "answerCallbackQuery").map(({ params }) => params["text"]);
  telegram.press(STRANGER, ask, "Allow once");
  telegram.press(BORIS, ask, "Allow once");
  // The same button, pressed elsewhere; and one that never was.
  telegram.press(ANNA, { ...ask, chat: ANNA }, "Allow once");
  telegram.press(ANNA, ask, "y:AAAAAAAAAAAAAAAAAAAAAA");
  await telegram.untilCall("answerCallbackQuery", 4);
  expect(pressed().toSorted()).toEqual([
    ...["This is not yours to answer.", "This is not yours to answer."],
    ...["This was answered already, or waits no more.", "This was answered already, or waits no more."],
  ]);
  expect(await bench.core.approvals.list()).toHaveLength(1);
  telegram.press(ANNA, ask, "Allow once");
  telegram.press(ANNA, ask, "Allow once");
  await telegram.until(({ text }) => text === "noted");
  await telegram.untilCall("answerCallbackQuery", 6);
  expect(pressed().slice(4).toSorted()).toEqual([
    "Allowed, this once.",
    "This was answered already, or waits no more.",
  ]);
  await poll(() => ask.edits.at(-1)).toMatch(/✅ Allowed \(telegram:111\)$/);
  expect(ask.buttons).toEqual([]);
});

test("answered elsewhere, its buttons go; asked while nobody ran the channel, it is shown after", async () => {
  const { telegram, bench, close, run } = await openChat({ turns: [[NOTE], ["after"], [NOTE], ["again"]] });
  telegram.say(ANNA, "note it");
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  const [approval] = await bench.core.approvals.list();
  await bench.core.approvals.answer(approval!.id, "deny", "panel");
  await poll(() => ask.edits.at(-1)).toMatch(/❌ Denied \(panel\)$/);
  await telegram.until(({ text }) => text === "after");

  telegram.say(ANNA, "once more");
  const second = await telegram.until(({ buttons }) => buttons.length > 0);
  await close();
  const [waiting] = await bench.core.approvals.list();
  await bench.core.approvals.answer(waiting!.id, "allow", "panel");
  run();
  await telegram.until(({ text }) => text === "again");
  await poll(() => second.edits.at(-1)).toMatch(/waits no more/);
  expect(telegram.texts(ANNA).filter((text) => text === "again")).toHaveLength(1);
});

test("a question is shown also where the run that asks could not be read at first", async () => {
  const { telegram, bench } = await openChat({ turns: [[NOTE], ["noted"]] });
  const { get } = bench.core.runs;
  let failed = 0;
  bench.core.runs.get = async (id) => {
    if (failed++ < 1) throw new AppError("unavailable", "The disk does not answer");
    return get(id);
  };
  telegram.say(ANNA, "note it");
  expect(await telegram.until(({ buttons }) => buttons.length > 0)).toMatchObject({ chat: ANNA });
});

test("where all questions are to come, those of other doors come to the people in openclaw.yml; /approve shows them again", async () => {
  const { telegram, bench } = await openChat({
    turns: [[NOTE], ["done"]],
    settings: { asks: "all", allow: [String(ANNA)] },
  });
  await telegram.untilCall("getUpdates");
  const run = await bench.core.sessions.send({ text: "x", origin: { via: "panel" }, sessionKey: "main" });
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  expect(ask.chat).toBe(ANNA);
  telegram.press(ANNA, ask, "Deny");
  expect((await run.outcome).type).toBe("done");
  telegram.say(ANNA, "/approve");
  await telegram.until(({ text }) => text === "Nothing waits for your word.");
});

test("/approve shows nobody a question that is another's to answer, in a group or in a session that all share", async () => {
  const { telegram, bench } = await openChat({
    turns: [[NOTE], ["noted"], [NOTE], ["noted too"]],
    settings: { session: "main", allow: [String(ANNA), String(BORIS)] },
  });
  const replyTo = { from: { id: 4242 } };
  telegram.say(ANNA, "note it", { chat: GROUP, replyTo });
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  telegram.say(BORIS, "/approve", { chat: GROUP, replyTo });
  await telegram.until(({ text }) => text === "Nothing waits for your word.");
  telegram.say(BORIS, "/approve");
  await telegram.until(({ chat, text }) => chat === BORIS && text === "Nothing waits for your word.");
  // Whose it is has it wherever they are.
  telegram.say(ANNA, "/approve");
  const again = await telegram.until(({ chat, buttons }) => chat === ANNA && buttons.length > 0);
  telegram.press(BORIS, { ...again, chat: ANNA }, "Allow once");
  await telegram.untilCall("answerCallbackQuery");
  expect(await bench.core.approvals.list()).toHaveLength(1);
  telegram.press(ANNA, again, "Deny");
  await telegram.until(({ text }) => text === "noted");
  await poll(() => ask.buttons).toEqual([]);

  // What another door led to is shown where all questions are.
  const run = await bench.core.sessions.send({ text: "x", origin: { via: "panel" }, sessionKey: "main" });
  await poll(() => bench.core.approvals.list()).toHaveLength(1);
  const before = telegram.sent.length;
  telegram.say(ANNA, "/approve");
  await poll(() => telegram.sent.slice(before).map(({ text }) => text)).toEqual(["Nothing waits for your word."]);
  const [approval] = await bench.core.approvals.list();
  await bench.core.approvals.answer(approval!.id, "deny", "panel");
  await run.outcome;
});

test("neither a question nor what is sent by hand holds a secret", async () => {
  const { telegram, bench } = await openChat({
    turns: [[call("note", { text: "the key is hush-hush" })], ["done"]],
    redact: (text) => text.replaceAll("hush-hush", "[redacted]"),
  });
  telegram.say(ANNA, "note it");
  const ask = await telegram.until(({ buttons }) => buttons.length > 0);
  expect(ask.text).toContain("the key is [redacted]");
  expect(ask.text).not.toContain("hush");
  await bench.core.channels.send({ channel: "telegram", to: String(BORIS), text: "hush-hush" });
  expect((await telegram.until(({ chat }) => chat === BORIS)).text).toBe("[redacted]");
});
