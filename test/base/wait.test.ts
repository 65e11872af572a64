import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { abortWith, every, onAbort, race, sleep, within } from "../../src/base/wait.ts";
import { createFakeClock } from "../fakes/fakeClock.ts";

const reason = new Error("stopped");
const never = () => Promise.withResolvers<never>().promise;
const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

/** Each wait that a signal ends, how it ends then, and how it ends by itself. */
const waits = [
  {
    name: "sleep",
    start: (clock: ReturnType<typeof createFakeClock>, signal: AbortSignal) => sleep(clock, 1000, signal),
    aborted: reason,
    ended: undefined,
  },
  {
    name: "race",
    start: (clock: ReturnType<typeof createFakeClock>, signal: AbortSignal) =>
      race(
        sleep(clock, 1000).then(() => "done"),
        signal,
      ),
    aborted: reason,
    ended: "done",
  },
  {
    name: "within",
    start: (clock: ReturnType<typeof createFakeClock>, signal: AbortSignal) =>
      within(
        clock,
        5000,
        sleep(clock, 1000).then(() => "done"),
        signal,
      ),
    aborted: undefined,
    ended: "done",
  },
];

for (const { name, start, aborted, ended } of waits) {
  test(`${name} ends at once for a signal that has aborted`, async () => {
    const signal = AbortSignal.abort(reason);
    expect(await start(createFakeClock(), signal).catch((error: unknown) => error)).toBe(aborted);
    expect(listeners(signal)).toBe(0);
  });

  test(`${name} ends when the signal aborts meanwhile, and leaves nothing behind`, async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const wait = start(clock, controller.signal).catch((error: unknown) => error);
    await clock.advance(999);
    expect(listeners(controller.signal)).toBe(1);
    controller.abort(reason);
    expect(await wait).toBe(aborted);
    expect(listeners(controller.signal)).toBe(0);
    await clock.advance(1);
    expect(clock.waiting()).toBe(0);
  });

  test(`${name} that has ended does not hear the signal any more`, async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const wait = start(clock, controller.signal);
    await clock.advance(1000);
    expect(await wait).toBe(ended);
    expect(listeners(controller.signal)).toBe(0);
    expect(clock.waiting()).toBe(0);
  });
}

test("what fails fails the race and the wait within a time, and lets go of the signal", async () => {
  const { signal } = new AbortController();
  const fault = new Error("broken");
  await expect(race(Promise.reject(fault), signal)).rejects.toBe(fault);
  await expect(within(createFakeClock(), 1000, Promise.reject(fault), signal)).rejects.toBe(fault);
  expect(listeners(signal)).toBe(0);
});

test("what fails after it was left is nobody's concern", async () => {
  const late = Promise.withResolvers<string>();
  await expect(race(late.promise, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(await within(createFakeClock(), 0, late.promise)).toBeUndefined();
  // A rejection that nobody handles fails the run of the tests.
  late.reject(new Error("too late"));
  await new Promise((resolve) => setImmediate(resolve));
});

test("the time ends a wait, and no time at all ends it at once", async () => {
  const clock = createFakeClock();
  const wait = within(clock, 1000, never());
  await clock.advance(1000);
  expect(await wait).toBeUndefined();
  expect(await within(clock, 0, never())).toBeUndefined();
  expect(await within(clock, 0, Promise.resolve("done"))).toBeUndefined();
});

test("onAbort calls once, at once when it has happened, and never when it was let go", () => {
  const calls: string[] = [];
  const controller = new AbortController();
  onAbort(controller.signal, () => calls.push("heard"));
  onAbort(controller.signal, () => calls.push("let go")).dispose();
  onAbort(undefined, () => calls.push("no signal")).dispose();
  controller.abort();
  onAbort(controller.signal, () => calls.push("late")).dispose();
  expect(calls).toEqual(["heard", "late"]);
  expect(listeners(controller.signal)).toBe(0);
});

test("one controller aborts with a signal, until it is let go of", () => {
  const [long, own, other] = [new AbortController(), new AbortController(), new AbortController()];
  const held = abortWith(own, long.signal);
  abortWith(other, long.signal);
  expect(listeners(long.signal)).toBe(2);
  held.dispose();
  expect(listeners(long.signal)).toBe(1);
  long.abort(reason);
  expect([own.signal.aborted, other.signal.reason]).toEqual([false, reason]);
  const late = new AbortController();
  abortWith(late, long.signal);
  expect(late.signal.reason).toBe(reason);
});

test("what is done every second is done so until it is disposed, also by itself", async () => {
  const clock = createFakeClock();
  let calls = 0;
  const repeated = every(clock, 1000, () => {
    calls += 1;
    if (calls === 2) repeated.dispose();
  });
  await clock.advance(999);
  expect(calls).toBe(0);
  await clock.advance(1);
  expect(calls).toBe(1);
  await clock.advance(5000);
  expect(calls).toBe(2);
});
