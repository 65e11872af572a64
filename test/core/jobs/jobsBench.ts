import type { ChannelSettings } from "../../../src/core/ports/outside/channelDesk.ts";
import { AppError } from "../../../src/base/appError.ts";
import type { NewJob } from "../../../src/protocol/job.ts";
import type { Webhooks } from "../../../src/core/ports/outside/webhooks.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import type { SlotRecord } from "../../../src/protocol/job.ts";
import type { Origin } from "../../../src/protocol/message.ts";
import { createFakeClock, type FakeClock } from "../../fakes/fakeClock.ts";
import { type Bench, type BenchOptions, openBench } from "../bench.ts";

export const START = Date.parse("2026-11-22T00:00:00.000Z");
export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const user: Origin = { via: "api" };

/** A core whose time stands still until it is moved. */
export async function openJobsBench(options: BenchOptions = {}): Promise<Bench & { clock: FakeClock }> {
  const clock = createFakeClock(START);
  return { ...(await openBench({ ...options, clock })), clock };
}

export function jobOf(more: Partial<NewJob> = {}): NewJob {
  return {
    name: "Watch",
    schedule: { kind: "cron", expr: "0 * * * *", tz: "UTC" },
    payload: { kind: "agentTurn", message: "look" },
    sessionTarget: "isolated",
    ...more,
  };
}

/** On the system's clock, which is at a full hour now and then: fired by a press alone. */
export function jobByHand(more: Partial<NewJob> = {}): NewJob {
  return jobOf({ schedule: { kind: "cron", expr: "0 0 1 1 *", tz: "UTC" }, ...more });
}

/** Webhooks that answer in turn with what is given, and take all that comes after. */
export function openWebhooks(answers: (AppError | undefined)[] = []) {
  const posts: Parameters<Webhooks["post"]>[0][] = [];
  const webhooks: Webhooks = {
    check: async () => {},
    async post(post) {
      posts.push(post);
      const answer = answers.shift();
      if (answer) throw answer;
    },
  };
  return { posts, webhooks };
}

/** A job's firings, oldest first: "01:00 ok schedule". */
export async function historyOf(store: Store, jobId?: string): Promise<string[]> {
  const slots = await store.listSlots({ limit: 1000, ...(jobId ? { jobId } : {}) });
  return slots.toReversed().map(lineOf);
}

function lineOf({ slot, status, cause, missed }: SlotRecord): string {
  return `${slot.slice(11, 16)} ${status} ${cause}${missed ? ` after ${missed}` : ""}`;
}

/** A chat network of one person. */
export const TELEGRAM: ChannelSettings = {
  id: "telegram",
  allow: ["111"],
  session: "chat",
  asks: "own",
  chats: {},
  maxFileBytes: 50_000_000,
};

/** Fails the store's next writes that fit, as a full disk does. */
export function failWrites(
  store: Store,
  fits: (batch: Parameters<Store["commit"]>[0]) => boolean,
  times = 1,
  code: AppError["code"] = "unavailable",
): void {
  const commit = store.commit.bind(store);
  let left = times;
  store.commit = async (batch) => {
    if (left > 0 && fits(batch)) {
      left -= 1;
      throw new AppError(code, "The disk is full");
    }
    return commit(batch);
  };
}
