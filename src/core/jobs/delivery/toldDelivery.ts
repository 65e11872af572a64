import { isoTime } from "../../../base/clock.ts";
import { defined } from "../../../base/defined.ts";
import type { SlotRecord, ToldDelivery } from "../../../protocol/job.ts";
import type { ListedChannel } from "../../../protocol/outside/channelState.ts";
import { KEPT_MS, type OutboxRow, UNSENT } from "../../ports/outside/channelRows.ts";
import type { ChannelDesk } from "../../ports/outside/channelDesk.ts";
import type { JobParts } from "../jobParts.ts";
import { resultKey, type SentResult } from "./followDelivery.ts";

export type ToldParts = Pick<JobParts, "store" | "clock"> & { channels?: Pick<ChannelDesk, "list"> | undefined };
type Wait = Pick<ToldDelivery, "why" | "retryAt" | "givenUpAt">;

const MOST_PARTS = 1000;

/** What became of a result; of one on its way to a chat also why it is not there yet, and until when, where it does not simply go. */
export async function toldDelivery(
  parts: ToldParts,
  delivery: NonNullable<SlotRecord["delivery"]>,
  result: Pick<SentResult, "jobId" | "of">,
): Promise<ToldDelivery> {
  const { status, channel } = delivery;
  if (status !== "queued" || channel === undefined) return delivery;
  const rows = await parts.store.listOutbox({ channel, of: resultKey(result), states: UNSENT, limit: MOST_PARTS });
  return { ...delivery, ...(await waitOf(parts, channel, rows)) };
}

async function waitOf({ channels, clock }: ToldParts, channel: string, rows: OutboxRow[]): Promise<Wait> {
  const listed = (await channels?.list())?.find(({ id }) => id === channel);
  if (!listed) {
    const since = Math.min(...rows.map(({ at }) => at));
    return {
      why: `No channel ${channel} is set up in openclaw.yml any more`,
      ...defined({ givenUpAt: rows.length > 0 ? isoTime(since + KEPT_MS) : undefined }),
    };
  }
  const kept = waitOfChannel(listed);
  if (kept) return kept;
  const later = rows.find(({ notBefore = 0 }) => notBefore > clock.now());
  return later ? { why: later.error ?? `${channel} is asked again later`, retryAt: isoTime(later.notBefore!) } : {};
}

function waitOfChannel({ id, state, error, retryAt }: ListedChannel): Wait | undefined {
  if (state === "connected" || state === "starting") return undefined;
  if (state === "muted") return { why: `The channel ${id} is muted` };
  if (state === "off") return { why: `No gateway runs the channel ${id} now` };
  return {
    why: `The channel ${id} ${state === "failed" ? "has failed" : "waits"}${error === null ? "" : `: ${error}`}`,
    ...defined({ retryAt: retryAt ?? undefined }),
  };
}
