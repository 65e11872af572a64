import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { createDraft } from "../../webview-ui/state/draft.ts";
import { openViewMemory, type ViewState } from "../../webview-ui/state/viewState.ts";
import { notes } from "./told.ts";

/** A composer with a message that was sent, and may have been taken. */
function openSent() {
  const memory = openViewMemory({ getState: () => undefined, setState() {}, postMessage() {} });
  const draft = createDraft(memory, signal("main"));
  draft.restore({ text: "Look at this", attachments: [notes], refs: [], idempotencyKey: "k" });
  return { memory, draft };
}

test.each(["main", "other"])("what adds nothing to a message leaves it the call that it was: of %s", (key) => {
  const { memory, draft } = openSent();
  const stored = { ...memory.state.drafts["main"]!, isWaiting: true };
  memory.update({ drafts: { ...memory.state.drafts, other: stored } });
  draft.mention([], key);
  draft.attach([], key);
  draft.attach([{ ...notes }], key);
  draft.restore({ text: "", attachments: [], refs: [], idempotencyKey: "command" }, key);
  expect(draft.written()).toMatchObject({ text: "Look at this", idempotencyKey: "k" });
  expect(memory.state.drafts["other"]).toBe(stored);
});

test("what adds nothing leaves no draft in a session that has none, and no call of its own in an empty one", () => {
  const { memory, draft } = openSent();
  draft.take();
  for (const key of ["main", "other"]) {
    draft.mention([], key);
    draft.attach([], key);
    draft.restore({ text: "", attachments: [], refs: [], idempotencyKey: "command" }, key);
  }
  expect(memory.state.drafts).toEqual({});
  draft.attach([notes]);
  expect(draft.written()).toEqual({ text: "", attachments: [notes], refs: [] });
});

test("what waited to be sent and is emptied sends nothing that is put there later", async () => {
  const { draft } = openSent();
  draft.take();
  draft.attach([notes]);
  draft.isWaiting.value = true;
  draft.dropLast();
  expect(draft.isWaiting.value).toBe(false);
  // Enter came while something was read, of which nothing came.
  await draft.reading(async () => {
    draft.isWaiting.value = true;
    expect(draft.isWaiting.value).toBe(true);
    return true;
  });
  expect(draft.isWaiting.value).toBe(false);
});

test("what is typed beside files is kept in few goes, and at once where somebody leaves, or a message goes", () => {
  const kept: ViewState[] = [];
  const setState = (state: unknown) => void kept.push(state as ViewState);
  const memory = openViewMemory({ getState: () => undefined, setState, postMessage() {} });
  const draft = createDraft(memory, signal("main"));
  const texts = () => kept.splice(0).map(({ drafts }) => drafts["main"]?.text);
  texts();
  for (const text of ["H", "He"]) draft.text.value = text;
  expect(texts()).toEqual(["H", "He"]);
  draft.attach([notes]);
  expect(texts()).toEqual(["He"]);
  for (const text of ["Hel", "Hell", "Hello"]) draft.text.value = text;
  expect(texts()).toEqual([]);
  memory.flush();
  memory.flush();
  expect(texts()).toEqual(["Hello"]);
  draft.text.value = "Hello!";
  draft.take();
  expect(texts().at(-1)).toBeUndefined();
  expect(memory.state.drafts).toEqual({});
});
