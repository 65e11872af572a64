import { isAppError } from "../../../base/appError.ts";
import { defined } from "../../../base/defined.ts";
import { describeError } from "../../../base/log.ts";
import { sleep } from "../../../base/wait.ts";
import type { Job, SlotRecord } from "../../../protocol/job.ts";
import { isGivenUp } from "../../channels/givenUp.ts";
import { type OutboxRow, UNSENT } from "../../ports/outside/channelRows.ts";
import type { JobParts } from "../jobParts.ts";

type Delivered = NonNullable<SlotRecord["delivery"]>;

/** A result that was put down for a chat: of a firing by its slot, of a rehearsal by its run. */
export interface SentResult {
  jobId: string;
  channel: string;
  of: { slot: string } | { rehearsed: string; at: string };
}

/** Notes of results on their way to chats what became of them, once the network has said it. */
export interface DeliveryFollower {
  /** From here on, and as it is now. */
  follow(sent: SentResult): void;
  /** Goes on with what an earlier gateway left on its way, or in doubt. */
  takeUp(jobs: Job[]): Promise<void>;
  close(): void;
}

const ALL: OutboxRow["state"][] = ["whole", "cut", "waiting", "sending", "sent", "failed", "doubtful"];
const MOST_PARTS = 1000;
const MOST_FOLLOWED = 100_000;
const ON_THEIR_WAY: Delivered["status"][] = ["queued", "in doubt"];
const STORE_AGAIN_MS = 15_000;

/** How a result is called in the outbox. */
export function resultKey({ jobId, of }: Pick<SentResult, "jobId" | "of">): string {
  return "slot" in of ? `${jobId} ${of.slot}` : `${jobId} ${of.at} rehearsal`;
}

export function createDeliveryFollower(parts: JobParts): DeliveryFollower {
  const { store, channels, clock, log } = parts;
  const followed = new Map<string, SentResult>();
  const look = async (key: string): Promise<void> => {
    for (let sent = followed.get(key); sent && !parts.isClosed(); sent = followed.get(key)) {
      try {
        const fate = await fateOf(parts, sent);
        if (fate.status !== "queued") await note(parts, sent, fate);
        // Who reads in the chat may have it sent once more.
        if (fate.status !== "queued" && fate.status !== "in doubt") followed.delete(key);
        return;
      } catch (error) {
        if (parts.isClosed()) return;
        const { jobId } = sent;
        log.error("What became of a job's result could not be stored", { jobId, error: describeError(error) });
        await sleep(clock, STORE_AGAIN_MS);
      }
    }
  };
  const follow = (sent: SentResult): void => {
    const key = resultKey(sent);
    followed.set(key, sent);
    void look(key);
  };
  const settling = channels?.onSettled((part) => void look(wholeOf(part)));
  return {
    follow,
    async takeUp(jobs) {
      for (const { jobId, slot, delivery } of await store.listSlots({ deliveries: ON_THEIR_WAY, limit: MOST_FOLLOWED }))
        if (isOnItsWay(delivery)) follow({ jobId, channel: delivery.channel, of: { slot } });
      for (const { id: jobId, rehearsal } of jobs) {
        if (!rehearsal || !isOnItsWay(rehearsal.delivery)) continue;
        const at = (await store.getRun(rehearsal.runId))?.createdAt;
        if (at !== undefined)
          follow({ jobId, channel: rehearsal.delivery.channel, of: { rehearsed: rehearsal.runId, at } });
      }
    },
    close: () => settling?.dispose(),
  };
}

function isOnItsWay(delivery: Delivered | undefined): delivery is Delivered & { channel: string } {
  return delivery?.channel !== undefined && ON_THEIR_WAY.includes(delivery.status);
}

/** "job slot #2 again" is a part of "job slot". */
function wholeOf(part: string): string {
  return part.replace(/ #\d+( again)*$/, "");
}

/** Of all parts together: one that did not arrive is what there is to tell. */
async function fateOf({ store }: JobParts, sent: SentResult): Promise<Delivered> {
  const { channel } = sent;
  const key = resultKey(sent);
  const all = await store.listOutbox({ channel, of: key, states: ALL, limit: MOST_PARTS });
  const keys = new Set(all.map((row) => row.key));
  // What was sent once more counts in its place; what is said about a part is none.
  const rows = all.filter((row) => row.key === key || (wholeOf(row.key) === key && !keys.has(`${row.key} again`)));
  const found = (...states: OutboxRow["state"][]) => rows.find((row) => states.includes(row.state));
  if (found(...UNSENT)) return { status: "queued", channel };
  const refused = found("failed");
  if (refused && isGivenUp(refused)) return { status: "failed", channel, ...defined({ error: refused.error }) };
  if (refused) return { status: "refused", channel, ...defined({ error: refused.error }) };
  const doubtful = found("doubtful");
  if (doubtful) return { status: "in doubt", channel, ...defined({ error: doubtful.error }) };
  if (found("sent")) return { status: "delivered", channel };
  return { status: "in doubt", channel, error: "what became of it is forgotten" };
}

async function note({ store, jobs }: JobParts, { jobId, of }: SentResult, delivery: Delivered): Promise<void> {
  const isSame = (before: Delivered | undefined) => JSON.stringify(before) === JSON.stringify(delivery);
  await jobs.alone(jobId, async (job) => {
    if ("slot" in of) {
      const [expect] = await store.listSlots({ jobId, slot: of.slot, limit: 1 });
      if (!expect || isSame(expect.delivery)) return;
      try {
        await store.commit({ slots: [{ put: { ...expect, delivery }, expect }] });
      } catch (error) {
        // It is another by now, which whoever made it so follows.
        if (!isAppError(error) || error.code !== "conflict") throw error;
      }
      return jobs.tell(job);
    }
    const { rehearsal } = job;
    if (rehearsal?.runId !== of.rehearsed || isSame(rehearsal.delivery)) return;
    await jobs.put({ ...job, rehearsal: { ...rehearsal, delivery } });
  });
}
