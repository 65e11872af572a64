import { expect, test } from "vitest";
import type { Batch } from "../../../src/core/ports/batch.ts";
import { settle } from "../../fakes/fakeClock.ts";
import { failWrites, HOUR, jobOf, MINUTE, openJobsBench, openWebhooks, START, user } from "./jobsBench.ts";

const at = (ms: number) => ({ kind: "at", at: new Date(START + ms).toISOString() }) as const;

test("results are told once though the store fails, and conflicts, as they are put down", async () => {
  for (const code of ["unavailable", "conflict"] as const) {
    const { core, clock, events, store } = await openJobsBench({ turns: [["All is well"]] });
    await core.jobs.add(jobOf({ schedule: at(HOUR), delivery: { mode: "announce" } }), user);
    const puts = ({ slots = [] }: Batch) => slots.some(({ put }) => put.delivery?.status === "delivered");
    failWrites(store, puts, 2, code);
    await clock.advance(HOUR + MINUTE);
    expect((await store.listSlots({ limit: 1 }))[0]!.delivery).toEqual({ status: "delivered" });
    expect(events.filter(({ type }) => type === "job.announced")).toHaveLength(1);
    const { messages } = await store.listMessages("main", { limit: 10 });
    expect(messages.map(({ text }) => text)).toEqual(['The job "Watch" is done: All is well']);
  }
});

test("a webhook gets a result once though what became of it could not be stored at once", async () => {
  const { posts, webhooks } = openWebhooks();
  const { core, clock, store } = await openJobsBench({ turns: [["Fine"]], webhooks });
  await core.jobs.add(
    jobOf({ delivery: { mode: "webhook", url: "https://example.com/hook" }, schedule: at(HOUR) }),
    user,
  );
  failWrites(store, ({ slots = [] }) => slots.some(({ put }) => put.delivery?.status === "delivered"), 2);
  await clock.advance(HOUR + MINUTE);
  expect((await store.listSlots({ limit: 1 }))[0]!.delivery).toEqual({ status: "delivered" });
  expect(posts).toHaveLength(1);
});

test("what a rehearsal came to is announced once though its end could not be stored at once", async () => {
  const { core, clock, events, store } = await openJobsBench({ turns: [["All is well"]] });
  const { id } = await core.jobs.add(jobOf({ delivery: { mode: "announce" } }), user);
  failWrites(store, ({ jobs = [] }) => jobs.some(({ put }) => put.rehearsal?.finishedAt !== undefined), 2);
  await core.jobs.rehearse(id, { deliver: true });
  await clock.advance(MINUTE);
  expect((await core.jobs.get(id)).rehearsal).toMatchObject({ delivery: { status: "delivered" } });
  expect(events.filter(({ type }) => type === "job.announced")).toHaveLength(1);
});

test("what was posted as the gateway closes is put down, so that the next one posts it no second time", async () => {
  const gate = Promise.withResolvers<void>();
  const { posts, webhooks } = openWebhooks();
  const post: typeof webhooks.post = async (given) => {
    await webhooks.post(given);
    await gate.promise;
  };
  const { core, clock, store } = await openJobsBench({ turns: [["Fine"]], webhooks: { ...webhooks, post } });
  await core.jobs.add(
    jobOf({ delivery: { mode: "webhook", url: "https://example.com/hook" }, schedule: at(HOUR) }),
    user,
  );
  await clock.advance(HOUR);
  await expect.poll(() => posts.length).toBe(1);
  const closed = core.close();
  gate.resolve();
  await closed;
  await settle();
  expect((await store.listSlots({ limit: 1 }))[0]!.delivery).toEqual({ status: "delivered" });
});
