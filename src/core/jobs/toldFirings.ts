import { tailOf } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { once } from "../../base/oncePer.ts";
import type { SlotRecord, ToldFiring } from "../../protocol/job.ts";
import { addUsage, toUsage } from "../../protocol/usage.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import { toldDelivery, type ToldParts } from "./delivery/toldDelivery.ts";
import type { JobParts } from "./jobParts.ts";

const MOST_LINES = 5;
const MOST_CHARS = 500;

/** Firings with what their runs took, cost and said last: what nobody told is absent, as of a run that is gone. */
export async function toldFirings(
  { store, clock, channels }: Pick<JobParts, "store" | "clock" | "channels">,
  slots: SlotRecord[],
): Promise<ToldFiring[]> {
  const told: ToldFiring[] = [];
  // How the channels are now is the same for all of them.
  const parts = { store, clock, channels: channels && { list: once(() => channels.list()) } };
  // One after another, so that others have their turn with the store.
  for (const slot of slots) told.push(await toldFiring(parts, slot));
  return told;
}

async function toldFiring(parts: ToldParts, { delivery: kept, ...bare }: SlotRecord): Promise<ToldFiring> {
  const { store } = parts;
  const { jobId, startedAt, finishedAt, status } = bare;
  const delivery = kept && (await toldDelivery(parts, kept, { jobId, of: { slot: bare.slot } }));
  const slot = { ...bare, ...defined({ delivery }) };
  const durationMs = finishedAt === undefined ? undefined : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
  const run = slot.runId === undefined ? undefined : await store.getRun(slot.runId);
  const hasRun = status !== "skipped" && status !== "missed";
  if (!run) return { ...slot, ...defined({ durationMs: hasRun ? durationMs : undefined }) };
  // A run's own usage, and that of those which work for it.
  const spent = await store.listSpent(run.id);
  const usage = spent.reduce((sum, one) => addUsage(sum, toUsage(one.usage)), NO_USAGE);
  const { outcome } = run;
  const reply = outcome && "reply" in outcome ? outcome.reply : undefined;
  return {
    ...slot,
    ...defined({ durationMs, lastLines: reply === undefined ? undefined : lastLines(reply) }),
    model: run.answeredBy ?? run.model,
    usage,
  };
}

function lastLines(reply: string): string {
  return tailOf(reply.trimEnd().split("\n").slice(-MOST_LINES).join("\n"), MOST_CHARS);
}
