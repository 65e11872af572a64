import { expect, onTestFinished, test } from "vitest";
import type { CodeKnowledge } from "../../../src/core/ports/codeKnowledge.ts";
import { Presence } from "../../../src/vscode/host/presence.ts";
import { createSecretCache } from "../../../src/vscode/host/secretCache.ts";
import { askedOf } from "../../../src/vscode/knowledge/askedOf.ts";
import { createCodeOfWindow } from "../../../src/vscode/knowledge/codeOfWindow.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";
import { EventEmitter, languages, workspace } from "../editor/vscode.ts";

/** A window that answers, until it is taken away, and again when it is back. */
function fakeWindow() {
  const clock = createFakeClock();
  let away: PromiseWithResolvers<void> | undefined;
  const answer = async <T>(value: T): Promise<T> => {
    await away?.promise;
    return value;
  };
  const presence = new Presence(() => answer(true), clock);
  onTestFinished(() => presence.dispose());
  const seen: boolean[] = [];
  presence.onDidChange((isThere) => seen.push(isThere));
  return {
    clock,
    presence,
    seen,
    answer,
    leave: () => (away = Promise.withResolvers()),
    async comeBack() {
      away?.resolve();
      away = undefined;
      await clock.advance(0);
    },
  };
}

test("a window that no longer answers is away within fifteen seconds, and there again as soon as it answers", async () => {
  const window = fakeWindow();
  await window.clock.advance(60_000);
  expect(window.seen).toEqual([]);
  window.leave();
  await window.clock.advance(15_000);
  expect(window.seen).toEqual([false]);
  await window.clock.advance(3 * 3_600_000);
  expect(window.presence.isThere).toBe(false);
  await window.comeBack();
  expect(window.seen).toEqual([false, true]);
  window.leave();
  await window.clock.advance(15_000);
  expect(window.seen).toEqual([false, true, false]);
});

test("a window that answers late is there: what it was asked is not told as failed", async () => {
  const window = fakeWindow();
  window.leave();
  const asked = window.presence.ask(() => window.answer(7));
  await window.clock.advance(14_000);
  await window.comeBack();
  expect(await asked).toBe(7);
  expect(window.seen).toEqual([]);
});

test("what a window is asked is answered, or fails as soon as it is known to be away, and at once from then on", async () => {
  const window = fakeWindow();
  expect(await window.presence.ask(() => window.answer(7))).toBe(7);
  window.leave();
  const asked = window.presence.ask(() => window.answer(7));
  const message = expect.stringContaining("may be done all the same");
  const failed = expect(asked).rejects.toMatchObject({ code: "unavailable", message });
  await window.clock.advance(15_000);
  await failed;
  let isAsked = false;
  const again = window.presence.ask(async () => (isAsked = true));
  await expect(again).rejects.toMatchObject({ code: "unavailable" });
  expect(isAsked).toBe(false);
});

test("a secret that was read once is there while the window is away, and one that changed is read again", async () => {
  const window = fakeWindow();
  const stored = new Map([["a.apiKey", "one"]]);
  let changed: (event: { key: string }) => void = () => {};
  const cache = createSecretCache(
    {
      get: (name) => window.answer(stored.get(name)),
      store: async (name, value) => void stored.set(name, value),
      delete: async (name) => void stored.delete(name),
      onDidChange: (listener) => {
        changed = listener;
        return { dispose() {} };
      },
    },
    window.presence,
  );
  expect(await cache.get("a.apiKey")).toBe("one");
  expect(await cache.get("b.apiKey")).toBeUndefined();
  stored.set("a.apiKey", "two");
  changed({ key: "a.apiKey" });
  expect(await cache.get("a.apiKey")).toBe("two");
  window.leave();
  await window.clock.advance(15_000);
  expect([await cache.get("a.apiKey"), await cache.get("b.apiKey")]).toEqual(["two", undefined]);
  await expect(cache.get("c.apiKey")).rejects.toMatchObject({ code: "unavailable" });
  await window.comeBack();
  stored.set("c.apiKey", "three");
  expect(await cache.get("c.apiKey")).toBe("three");
  await cache.set("c.apiKey", "four");
  expect([await cache.get("c.apiKey"), stored.get("c.apiKey")]).toEqual(["four", "four"]);
  await cache.delete("c.apiKey");
  expect(await cache.get("c.apiKey")).toBeUndefined();
});

const AT = { path: "/work/a.ts", line: 1, column: 1 };

/** Whatever is asked about the code, in one way each. */
const questions: [string, (code: CodeKnowledge, signal: AbortSignal) => Promise<unknown>][] = [
  ["definition", (code, signal) => code.definition(AT, signal)],
  ["references", (code, signal) => code.references(AT, signal)],
  ["symbols", (code, signal) => code.symbols(AT.path, signal)],
  ["symbols of a folder", (code, signal) => code.findSymbols("/work", "a", signal)],
  ["rename", (code, signal) => code.rename(AT, "b", signal)],
  ["format", (code, signal) => code.format(AT.path, signal)],
];

/** What its language servers know, of a window that answers nothing about it. */
function openSilentCode(clock: ReturnType<typeof createFakeClock>) {
  const never = () => new Promise<never>(() => {});
  const { event } = new EventEmitter<never>();
  Object.assign(languages, { onDidChangeDiagnostics: event });
  Object.assign(workspace, { onDidOpenTextDocument: event, onDidCloseTextDocument: event, findFiles: never });
  Object.assign(workspace, { openTextDocument: never });
  const code = createCodeOfWindow(clock);
  onTestFinished(() => code.dispose());
  return code;
}

test.each(questions)("what is asked about the code ends with its window: %s", async (_, ask) => {
  const window = fakeWindow();
  const code = askedOf(openSilentCode(window.clock), window.presence);
  window.leave();
  const asked = ask(code, new AbortController().signal);
  const failed = expect(asked).rejects.toMatchObject({ code: "not_found", message: expect.stringContaining("away") });
  await window.clock.advance(15_000);
  await failed;
  expect(code.has("/work")).toBe(false);
  await expect(ask(code, new AbortController().signal)).rejects.toMatchObject({ code: "not_found" });
});

test.each(questions)("who asks about the code may stop waiting for an answer: %s", async (_, ask) => {
  const window = fakeWindow();
  const stop = new AbortController();
  const asked = ask(askedOf(openSilentCode(window.clock), window.presence), stop.signal);
  stop.abort(new Error("stopped"));
  await expect(asked).rejects.toThrow("stopped");
});

test("problems are pending where the window goes away, since a file may have been changed before they are looked for", async () => {
  const window = fakeWindow();
  const code = askedOf(openSilentCode(window.clock), window.presence);
  window.leave();
  const checked = code.check([AT.path], 4000, new AbortController().signal);
  await window.clock.advance(15_000);
  expect(await checked).toEqual({ problems: [], pending: [AT.path], unseen: [] });
});
