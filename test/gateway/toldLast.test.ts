import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { toInstructions, toText } from "../../src/gateway/compat/openai/conversation/toldConversation.ts";
import { areToldLast } from "../../src/gateway/compat/openai/conversation/toldLast.ts";
import type { Message } from "../../src/protocol/message.ts";
import { openNewStore } from "../store/newStore.ts";
import { assistantText, batchOf, messageOf, runOf, sessionOf, userText } from "../store/samples.ts";

const KEY = "talk";
const BRIEF = toInstructions([{ kind: "instruction", text: "Be brief." }]);
const POLITE = toInstructions([{ kind: "instruction", text: "Be polite." }]);

/** A session, and what was told in it last by one who has looked before and by one who has not. */
async function openTalk() {
  const path = join(mkdtempSync(join(tmpdir(), "pincer-told-")), "pincer.db");
  const store: Store = await openNewStore({ path, clock: systemClock, log: silentLog });
  onTestFinished(() => store.close());
  let number = 0;
  const say = async (...texts: string[]) => {
    const run = runOf(`run_${++number}`, KEY, { state: "finished", outcome: { type: "done", reply: "" } });
    const events = texts.flatMap((text) =>
      [userText(text), assistantText("So be it.")].map((message) => {
        const at = ++number;
        return messageOf(KEY, at, at, message, run.id);
      }),
    );
    await store.commit(batchOf({ sessions: [sessionOf(KEY)], runs: [run], events }));
  };
  const areTold = async (instructions: string) => {
    const [held, anew] = [
      await areToldLast(store, KEY, instructions),
      await areToldLast({ ...store }, KEY, instructions),
    ];
    expect(held).toBe(anew);
    return held;
  };
  return { store, say, areTold };
}

test("what was told last holds for a hundred messages of the user, however many came at once", async () => {
  const { say, areTold } = await openTalk();
  expect(await areTold("")).toBe(true);
  expect(await areTold(BRIEF)).toBe(false);
  await say(toText(BRIEF, "", "Hello."));
  for (const atOnce of [1, 2, 96]) {
    expect(await areTold(BRIEF)).toBe(true);
    expect(await areTold(POLITE)).toBe(false);
    await say(...Array.from({ length: atOnce }, () => "Go on."));
  }
  expect(await areTold(BRIEF)).toBe(true);
  await say("Go on.");
  expect(await areTold(BRIEF)).toBe(false);
  expect(await areTold("")).toBe(true);
  await say(toText(BRIEF, "", "Hello again."), toText(POLITE, "", "And so."), "Go on.");
  expect(await areTold(BRIEF)).toBe(false);
  expect(await areTold(POLITE)).toBe(true);
  await say(...Array.from({ length: 250 }, () => "Go on."));
  expect(await areTold(POLITE)).toBe(false);
});

test("what was told before a summary is told again, unless the summary kept its message", async () => {
  const { store, say, areTold } = await openTalk();
  await say(toText(BRIEF, "", "Hello."), "Go on.");
  expect(await areTold(BRIEF)).toBe(true);
  const { messages } = await store.listMessages(KEY, { limit: 10, roles: ["user"] });
  const sumUp = async (seq: number, keepFromSeq: number) => {
    const summary: Message = { role: "system", kind: "summary", text: "They greeted.", keepFromSeq };
    const events = [messageOf(KEY, seq, seq, summary)];
    await store.commit(batchOf({ sessions: [sessionOf(KEY, { summarySeq: seq })], events }));
  };
  await sumUp(5, messages[0]!.seq);
  expect(await areTold(BRIEF)).toBe(true);
  await sumUp(6, messages[1]!.seq);
  expect(await areTold(BRIEF)).toBe(false);
  expect(await areTold("")).toBe(true);
});

test("a session that was cleared was told nothing", async () => {
  const { store, say, areTold } = await openTalk();
  await say(toText(BRIEF, "", "Hello."));
  expect(await areTold(BRIEF)).toBe(true);
  await store.clearSession(KEY);
  expect(await areTold(BRIEF)).toBe(false);
  await say("Hello.");
  expect(await areTold(BRIEF)).toBe(false);
  expect(await areTold("")).toBe(true);
});
