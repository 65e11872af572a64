import { expect, onTestFinished, test } from "vitest";
import { Presence } from "../../../src/vscode/host/presence.ts";
import { createSecretCache } from "../../../src/vscode/host/secretCache.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";

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
