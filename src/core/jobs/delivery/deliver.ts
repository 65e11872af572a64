import { isAppError } from "../../../base/appError.ts";
import type { Clock } from "../../../base/clock.ts";
import { describeError, type Log } from "../../../base/log.ts";
import type { Job, SlotRecord } from "../../../protocol/job.ts";
import type { Reports } from "../../services/pastWork.ts";
import type { EventLog } from "../../state/eventLog.ts";
import { type DeliveryFollower, resultKey, type SentResult } from "./followDelivery.ts";
import { delivererOf, forbidsWebhook, isByAgent } from "../jobRules.ts";
import { writeSlot } from "../writeSlot.ts";
import { heartbeatNews } from "../heartbeat.ts";
import { noteInMain } from "../noteInMain.ts";
import { toReminder } from "../reminder.ts";
import type { Store } from "../../ports/store.ts";
import type { ChannelDesk } from "../../ports/outside/channelDesk.ts";
import type { ChannelChange } from "../../ports/outside/channelRows.ts";
import type { Webhooks } from "../../ports/outside/webhooks.ts";
import type { AgentSettings } from "../../ports/settings.ts";
import type { AllRuns } from "../../runs/runs.ts";
import { MAIN } from "../../state/sessionRepository.ts";
import { cutText } from "../../../base/cutText.ts";
import { defined } from "../../../base/defined.ts";
import { sleep } from "../../../base/wait.ts";

export interface JobDeliveryOptions {
  store: Store;
  clock: Clock;
  log: Log;
  events: EventLog;
  runs: AllRuns;
  reports: Reports;
  webhooks?: Webhooks;
  channels?: ChannelDesk;
  following: Pick<DeliveryFollower, "follow">;
  settings: () => Pick<AgentSettings, "rules">;
  redact: (text: string) => string;
}

/** Takes the results of firings to where their jobs want them. */
export interface JobDelivery {
  /** Delivers an ended slot whose delivery is pending, and stores what became of it. Never rejects. */
  deliver(job: Job, slot: SlotRecord): Promise<void>;
  /** Sends what a rehearsal came to, which no slot stands for, and says what became of it. */
  sendRehearsed(job: Job, slot: SlotRecord): Promise<SlotRecord["delivery"]>;
  /** Leaves what is not delivered for the next start. */
  close(): void;
}

type Delivered = NonNullable<SlotRecord["delivery"]>;

interface Parts extends JobDeliveryOptions {
  /** Whether what is not delivered is to stay for the next start. */
  isClosed(): boolean;
}

/** What a firing came to, in words. */
interface Told {
  reply: string;
  /** What its run did, in Markdown. */
  report?: string | undefined;
  /** What is announced. */
  text: string;
}

const FAULT = "The result of a job could not be delivered";
const ASK_AGAIN_MS = [5000, 60_000, 600_000];
const MOST_CHARS = 4000;
const MOST_POSTED = 64_000;

export function createJobDelivery(options: JobDeliveryOptions): JobDelivery {
  let closed = false;
  const parts: Parts = { ...options, isClosed: () => closed };
  return {
    deliver: (job, slot) => deliver(parts, job, slot),
    sendRehearsed: (job, slot) => sendRehearsed(parts, job, slot),
    close: () => void (closed = true),
  };
}

async function deliver(parts: Parts, job: Job, slot: SlotRecord): Promise<void> {
  try {
    const told = await writeSlot(slot, FAULT, parts, () => toldOf(parts, job, slot));
    if (!told) return;
    const reminder = toReminder(job);
    if (reminder?.type === "job.announced") await sendReminder(parts, job, slot, reminder.text);
    else if (job.delivery?.mode === "announce") await announce(parts, job, slot, told.text);
    else if (job.delivery?.mode === "webhook") {
      const delivery = await post(parts, job, slot, told);
      const slots = [{ put: { ...slot, delivery }, expect: slot }];
      await writeSlot(slot, FAULT, parts, () => parts.store.commit({ slots }));
    }
  } catch (error) {
    // Stays pending, so the next start tries again.
    parts.log.error(FAULT, { jobId: job.id, error: describeError(error) });
  }
}

async function sendRehearsed(parts: Parts, job: Job, slot: SlotRecord): Promise<SlotRecord["delivery"]> {
  const told = await toldOf(parts, job, slot);
  if (job.delivery?.mode === "webhook") return post(parts, job, slot, told, { rehearsal: true });
  const reminder = toReminder(job);
  const text = reminder?.type === "job.announced" ? reminder.text : told.text;
  return announce(parts, job, slot, text, slot.runId ?? "");
}

async function toldOf(parts: Parts, job: Job, slot: SlotRecord): Promise<Told> {
  const told = await reportOf(parts, job, slot);
  // Beside a report, from which secrets are taken, goes the answer as it stands there.
  const reply = told?.report.answer ?? (await replyOf(parts, job, slot));
  const report = told?.markdown;
  return { reply, report, text: report ?? (slot.status === "ok" ? reply : (slot.error ?? "")) };
}

async function replyOf({ store }: Parts, { payload }: Job, { runId }: SlotRecord): Promise<string> {
  const outcome = runId === undefined ? undefined : (await store.getRun(runId))?.outcome;
  const reply = outcome?.type === "done" ? outcome.reply : "";
  return payload.kind === "heartbeat" ? heartbeatNews(reply) : reply;
}

/** What the run did, where the job wants that; undefined also when its session is gone. */
async function reportOf({ reports }: Parts, { delivery }: Job, { runId }: SlotRecord) {
  if (delivery?.content !== "report" || runId === undefined) return undefined;
  const maxChars = delivery.mode === "announce" ? MOST_CHARS : MOST_POSTED;
  return reports.of(runId, { maxChars }).catch((error: unknown) => {
    if (isAppError(error) && error.code === "not_found") return undefined;
    throw error;
  });
}

/** It was announced at its time; what is left is its chat. */
async function sendReminder(parts: Parts, job: Job, slot: SlotRecord, text: string): Promise<void> {
  const of = { slot: slot.slot };
  const delivery = await writeSlot(slot, FAULT, parts, async () => {
    const { row, delivery } = await toChannel(parts, job, slot, { text: parts.redact(text), of });
    await parts.store.commit({ slots: [{ put: { ...slot, delivery }, expect: slot }], channels: row ? [row] : [] });
    return delivery;
  });
  if (delivery) onItsWay(parts, job, of, delivery);
}

/**
 * Tells it to whoever is there, once, and puts it into the main session and into the chat that the job names. `rehearsed` is the
 * run of a rehearsal.
 */
async function announce(
  parts: Parts,
  job: Job,
  slot: SlotRecord,
  whole: string,
  rehearsed?: string,
): Promise<Delivered> {
  const text = cutText(whole, MOST_CHARS);
  const sent = cutText(parts.redact(whole), MOST_CHARS);
  const of = rehearsed === undefined ? { slot: slot.slot } : { rehearsed, at: slot.slot };
  const status = slot.status === "ok" ? "ok" : "failed";
  const { sessionKey } = slot;
  parts.events.tell({ type: "job.announced", jobId: job.id, name: job.name, status, text, ...defined({ sessionKey }) });
  const delivery = await writeSlot(slot, FAULT, parts, async () => {
    const { row, delivery } = await toChannel(parts, job, slot, { text: sent, of });
    const slots = rehearsed === undefined ? [{ put: { ...slot, delivery }, expect: slot }] : [];
    const kept = { slots, channels: row ? [row] : [] };
    if (sessionKey === MAIN) await parts.store.commit(kept);
    else {
      const what = rehearsed === undefined ? "job" : "rehearsal of the job";
      const note = `The ${what} "${job.name}" ${status === "ok" ? "is done" : "failed"}: ${text}`;
      await noteInMain(parts, { text: note, origin: { via: "cron", id: job.id } }, kept);
    }
    return delivery;
  });
  if (!delivery) return { status: "pending" };
  onItsWay(parts, job, of, delivery);
  return delivery;
}

/** The row that takes it, without secrets, to a chat network, where it is to go there; or why that cannot be. */
async function toChannel(
  { channels }: Parts,
  job: Job,
  slot: SlotRecord,
  { text, of }: { text: string; of: SentResult["of"] },
): Promise<{ row?: ChannelChange; delivery: Delivered }> {
  const { channel, to } = job.delivery ?? {};
  if (channel === undefined || channel === "editor") return { delivery: { status: "delivered" } };
  const key = resultKey({ jobId: job.id, of });
  const failed = (error: string) => ({ delivery: { status: "failed" as const, error } });
  try {
    if (!channels?.settings(channel)) return failed(`No channel ${channel} is set up in openclaw.yml`);
    const isTold = slot.status === "ok" || toReminder(job) !== undefined;
    const title = isTold ? `**${job.name}**` : `**${job.name}** failed`;
    return {
      delivery: { status: "queued", channel },
      row: await channels.toSend({
        key,
        channel,
        text: `${title}\n\n${text}`,
        ...defined({
          to,
          runId: slot.status === "ok" ? slot.runId : undefined,
          byAgent: isByAgent(delivererOf(job)),
        }),
      }),
    };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return failed(error.message);
  }
}

/** From where it is stored on, it is the chat's to say. */
function onItsWay({ channels, following }: Parts, job: Job, of: SentResult["of"], { channel }: Delivered): void {
  if (channel === undefined) return;
  channels?.nudge(channel);
  if ("slot" in of) following.follow({ jobId: job.id, channel, of });
}

/** Posts it to the job's webhook, and again where that may help. */
async function post(
  parts: Parts,
  job: Job,
  slot: SlotRecord,
  told: Told,
  more: { rehearsal?: true } = {},
): Promise<Delivered> {
  const { webhooks, clock } = parts;
  const by = delivererOf(job);
  const url = job.delivery?.url ?? "";
  if (!webhooks) return { status: "failed", error: "This gateway posts to no webhooks" };
  const body = toPosted(parts, job, slot, told, more);
  for (let attempt = 0; ; attempt++) {
    const why = forbidsWebhook(url, by, parts);
    if (why !== undefined) return { status: "failed", error: why };
    try {
      await webhooks.post({ id: `${job.id}:${slot.slot}`, url, body, allowLoopback: !isByAgent(by) });
      return { status: "delivered" };
    } catch (fault) {
      if (!isAppError(fault)) throw fault;
      const wait = ASK_AGAIN_MS[attempt];
      const isFinal = fault.code === "bad_request" || fault.code === "forbidden" || wait === undefined;
      if (isFinal) return { status: "failed", error: fault.message };
      await sleep(clock, wait);
      if (parts.isClosed()) return { status: "pending" };
    }
  }
}

/** The body of such a post. */
function toPosted(
  { redact }: Parts,
  job: Job,
  slot: SlotRecord,
  { reply, report }: Told,
  more: { rehearsal?: true },
): Record<string, unknown> {
  const { cause, runId, sessionKey, result, error, startedAt, finishedAt } = slot;
  return {
    job: { id: job.id, name: job.name },
    ...more,
    slot: slot.slot,
    status: slot.status,
    cause,
    runId: runId ?? null,
    sessionKey: sessionKey ?? null,
    reply,
    ...defined({ result: report === undefined ? result : withTexts(result, redact), report }),
    error: error == null ? null : report === undefined ? error : redact(error),
    startedAt,
    finishedAt: finishedAt ?? null,
  };
}

/** A value of JSON with each of its texts as `change` makes it. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), withTexts(item, change)]));
}
