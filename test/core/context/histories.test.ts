import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import { createHistories } from "../../../src/core/context/histories.ts";
import { readContext } from "../../../src/core/context/modelContext.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { Message } from "../../../src/protocol/message.ts";
import { openNewStore } from "../../store/newStore.ts";
import { createScratch } from "../../store/sqlite/scratch.ts";
import * as make from "../../store/samples.ts";

const scratch = createScratch();
let store: Store;
let other: Store;
let read = 0;

/** How many messages each look at the store gave. */
function counted(inner: Store): Store {
  return {
    ...inner,
    async listMessages(key, query) {
      const page = await inner.listMessages(key, query);
      read += page.messages.length;
      return page;
    },
  };
}

beforeEach(async () => {
  const path = scratch();
  const open = () => openNewStore({ path, clock: systemClock, log: silentLog });
  [store, other] = [await open(), await open()];
  await store.commit({ sessions: [{ put: make.sessionOf("main") }] });
});

afterEach(async () => {
  await store.close();
  await other.close();
});

async function say(by: Store, ...messages: Message[]): Promise<number> {
  const facts = messages.map((message) => ({ type: "message" as const, message }));
  const { events } = await by.commit({ facts: [{ source: { runId: "run_1", sessionKey: "main" }, facts }] });
  return events.at(-1)!.seq;
}

test("what came since is all that is read, whichever process stored it", async () => {
  const histories = createHistories(counted(store));
  const session = make.sessionOf("main");
  const texts = Array.from({ length: 600 }, (_, n) => make.userText(`m${n}`));
  await say(store, ...texts);
  expect(await histories.context(session)).toHaveLength(600);
  read = 0;
  await say(store, make.assistantText("a"));
  await say(other, make.userText("b"));
  expect((await histories.context(session)).slice(-3).map(({ text }) => text)).toEqual(["m599", "a", "b"]);
  // The newest that it had, to see that it is still there, and the two.
  expect(read).toBe(3);
  expect(await histories.context(session)).toEqual(await readContext(store, session));
});

test("a history that another process cleared, or whose session it made anew, is read again", async () => {
  const histories = createHistories(store);
  const session = make.sessionOf("main");
  await say(store, make.userText("old"), make.assistantText("older"));
  await histories.context(session);
  await other.clearSession("main");
  expect(await histories.context(session)).toEqual([]);
  await say(other, make.userText("new"));
  expect((await histories.context(session)).map(({ text }) => text)).toEqual(["new"]);
  await other.deleteSession("main");
  await other.commit({ sessions: [{ put: session }] });
  await say(other, make.userText("reborn"));
  expect((await histories.context(session)).map(({ text }) => text)).toEqual(["reborn"]);
});

test("a summary counts once the session says so, and what it replaced comes back when it is taken away", async () => {
  const histories = createHistories(store);
  const session = make.sessionOf("main");
  const textsOf = async (marks: { summarySeq?: number }) =>
    (await histories.context({ ...session, ...marks })).map(({ text }) => text);
  await say(store, ...["one", "two", "three"].map(make.userText));
  expect(await textsOf({})).toEqual(["one", "two", "three"]);
  const seq = await say(store, { role: "system", kind: "summary", text: "sum", keepFromSeq: 3 });
  await say(store, make.userText("four"));
  expect(await textsOf({})).toEqual(["one", "two", "three", "four"]);
  expect(await textsOf({ summarySeq: seq })).toEqual(["sum", "three", "four"]);
  expect(await textsOf({})).toEqual(["one", "two", "three", "four"]);
  // Begun with the summary, it holds no more than that needs.
  const later = createHistories(counted(store));
  expect((await later.context({ ...session, summarySeq: seq })).map(({ text }) => text)).toEqual([
    "sum",
    "three",
    "four",
  ]);
  read = 0;
  await later.context({ ...session, summarySeq: seq });
  expect(read).toBe(1);
});

test("what is shown shortened or by a prompt is the same object in the next turn, and right however it grows", async () => {
  const histories = createHistories(store);
  const session = { ...make.sessionOf("main"), trimmedSeq: 3 };
  const typed = { ...make.userText("/fix"), prompt: { name: "fix", text: "Fix it all.", kind: "prompt" as const } };
  await say(store, typed as Message, { ...make.toolText("x".repeat(9000)) });
  const [prompt, output] = await histories.context(session);
  expect([prompt!.text, output!.text.length < 9000]).toEqual(["Fix it all.", true]);
  await say(store, { role: "system", kind: "summary", text: "not in force" }, make.toolText("y".repeat(9000)));
  const later = await histories.context(session);
  expect([later[0] === prompt, later[1] === output, later.length]).toEqual([true, true, 3]);
  expect(later).toEqual(await readContext(store, session));
  const marked = { ...session, trimmedSeq: 9 };
  const shorter = await histories.context(marked);
  expect(shorter.at(-1)!.text.length).toBeLessThan(9000);
  expect(shorter).toEqual(await readContext(store, marked));
});

test("a history too long to be held is read each time", async () => {
  const histories = createHistories(counted(store));
  const session = make.sessionOf("main");
  await say(store, make.userText("x".repeat(5_000_000)), make.assistantText("y"));
  for (let n = 0; n < 2; n++) {
    read = 0;
    expect(await histories.context(session)).toHaveLength(2);
    expect(read).toBe(2);
  }
});
