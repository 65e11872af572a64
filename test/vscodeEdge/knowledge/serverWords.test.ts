import { expect, test } from "vitest";
import { ServerWords } from "../../../src/vscode/knowledge/serverWords.ts";
import { createFakeClock } from "../../fakes/fakeClock.ts";

const signal = new AbortController().signal;

/** What a wait for a file's problems comes to, and after how many ms. */
function waiting(words: ServerWords, clock: ReturnType<typeof createFakeClock>, since: number, kind = "css") {
  const start = clock.now();
  const found: { isTold?: boolean; ms?: number } = {};
  void words
    .settled("a", kind, since, signal)
    .then((isTold) => Object.assign(found, { isTold, ms: clock.now() - start }));
  return found;
}

test("a wait ends soon after the last word, and a word that came before counts", async () => {
  const clock = createFakeClock();
  const told = new ServerWords(clock);
  const found = waiting(told, clock, 0);
  await clock.advance(500);
  told.note("other", "css");
  told.note("a", "css");
  await clock.advance(100);
  told.note("a", "css");
  await clock.advance(149);
  expect(found).toEqual({});
  await clock.advance(1);
  expect(found).toEqual({ isTold: true, ms: 750 });
  const known = waiting(told, clock, 1);
  await clock.advance(150);
  expect(known).toEqual({ isTold: true, ms: 150 });
});

test("who says nothing is waited for once, until something is said of its kind", async () => {
  const clock = createFakeClock();
  const told = new ServerWords(clock);
  const first = waiting(told, clock, 0, "markdown");
  await clock.advance(2000);
  expect(first).toEqual({ isTold: false, ms: 2000 });
  const second = waiting(told, clock, 0, "markdown");
  await clock.advance(0);
  expect(second).toEqual({ isTold: true, ms: 0 });
  told.note("b", "markdown");
  const third = waiting(told, clock, 0, "markdown");
  await clock.advance(1999);
  expect(third).toEqual({});
});

test("who never stops talking is not waited for, and an abort ends a wait", async () => {
  const clock = createFakeClock();
  const told = new ServerWords(clock);
  const found = waiting(told, clock, 0);
  for (let word = 0; word < 25; word += 1) {
    told.note("a", "css");
    await clock.advance(100);
  }
  expect(found).toMatchObject({ isTold: true });
  const stop = new AbortController();
  const stopped = told.settled("b", "css", 0, stop.signal);
  stop.abort(new Error("stop"));
  expect(await stopped).toBe(false);
  await expect(told.settled("b", "less", 0, stop.signal)).rejects.toThrow("stop");
  expect(clock.waiting()).toBe(0);
});
