import { expect, test } from "vitest";
import { createDraft } from "../../webview-ui/state/draft.ts";
import { createOutbox } from "../../webview-ui/state/outbox.ts";
import { createPanelSession } from "../../webview-ui/state/sessionState.ts";
import { openViewMemory } from "../../webview-ui/state/viewState.ts";
import { openPanelClient } from "./panelClient.ts";

/** A panel whose page before was thrown away over a message to this session, in words of its own. */
function openAfter(sessionKey: string, text: string, known: string[] = []) {
  const { fake, gateway } = openPanelClient();
  fake.addSession({ key: "other" });
  const sending = { left: { text, attachments: [], idempotencyKey: "k", sessionKey, after: 0, known } };
  const memory = openViewMemory({ getState: () => ({ sending }), setState() {}, postMessage() {} });
  const session = createPanelSession(gateway, "main");
  const draft = createDraft(memory, session.key);
  createOutbox({ gateway, memory, session, draft });
  return { fake, session, draft, settled: () => expect.poll(() => memory.state.sending).toEqual({}) };
}

test.each([
  ["it was taken there", "other", ""],
  ["another was told the same", "main", "Good morning"],
])(
  "what was left of a session is looked for there, and not in the one that was shown before: %s",
  async (_how, told, back) => {
    const { fake, session, draft, settled } = openAfter("other", "Good morning");
    await fake.finish(fake.submit(told, "Good morning").id, { type: "done", reply: "" });
    await session.reload();
    await session.show("other");
    await settled();
    expect(draft.text.value).toBe(back);
  },
);

test("a message that was not taken comes back though another of its session waits, and one that waits does not", async () => {
  const { fake, session, draft, settled } = openAfter("main", "then  this");
  for (const text of ["first", "second"]) fake.submit("main", text);
  await session.reload();
  await settled();
  expect(draft.text.value).toBe("then  this");
  const again = openAfter("main", "then  this");
  for (const text of ["first", "then this"]) again.fake.submit("main", text);
  await again.session.reload();
  await again.settled();
  expect(again.draft.text.value).toBe("");
});

test("a message that waited in the same words before it was sent is not taken for it", async () => {
  const { fake, session, draft, settled } = openAfter("main", "go on", ["run-2"]);
  const { id } = fake.submit("main", "first");
  fake.submit("main", "go on");
  await fake.finish(id, { type: "done", reply: "" });
  await session.reload();
  await settled();
  expect(draft.text.value).toBe("go on");
});

test("a message that is begun while it is looked for is found", async () => {
  const { fake, session, draft, settled } = openAfter("main", "then this");
  const first = fake.submit("main", "first");
  fake.submit("main", "then this");
  const late = fake.delay("runs.list");
  const loading = session.reload();
  await fake.called("runs.list");
  void fake.finish(first.id, { type: "done", reply: "" });
  late.arrive();
  await loading;
  await settled();
  expect(draft.text.value).toBe("");
});

test("where nobody can tell whether it was taken it comes back, to be sent as the same call", async () => {
  const { fake, session, draft, settled } = openAfter("main", "Good morning");
  const late = fake.delay("runs.list");
  void session.reload();
  await fake.called("approvals.list");
  const lost = fake.delay("sessions.history");
  fake.fail("sessions.history", { code: "unavailable", message: "The gateway went away" });
  late.arrive();
  lost.arrive();
  await settled();
  expect(draft.written()).toMatchObject({ text: "Good morning", idempotencyKey: "k" });
});
