import { isAppError } from "../../../base/appError.ts";
import type { Clock } from "../../../base/clock.ts";
import { describeError, type Log } from "../../../base/log.ts";
import type { Job, SlotRecord } from "../../../protocol/job.ts";
import type { Reports } from "../../doors/pastWork.ts";
import type { EventLog } from "../../state/eventLog.ts";
import { type DeliveryFollower, resultKey, type SentResult } from "./followDelivery.ts";
import { delivererOf, forbidsWebhook, isByAgent } from "../jobRules.ts";
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

const ASK_AGAIN_MS = [5000, 60_000, 600_000];
const MOST_CHARS = 4000;
const MOST_POSTED = 64_000;

/** A value of JSON with each of its texts as `change` makes it. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), withTexts(item, change)]));
}

export function createJobDelivery(options: JobDeliveryOptions): JobDelivery {
  const { store, clock, log, events } = options;
  let closed = false;

  const replyOf = async (job: Job, slot: SlotRecord): Promise<string> => {
    const outcome = slot.runId === undefined ? undefined : (await store.getRun(slot.runId))?.outcome;
    const reply = outcome?.type === "done" ? outcome.reply : "";
    return job.payload.kind === "heartbeat" ? heartbeatNews(reply) : reply;
  };

  /** What the run did, where the job wants that; undefined also when its session is gone. */
  const reportOf = async ({ delivery }: Job, { runId }: SlotRecord) => {
    if (delivery?.content !== "report" || runId === undefined) return undefined;
    const maxChars = delivery.mode === "announce" ? MOST_CHARS : MOST_POSTED;
    return options.reports.of(runId, { maxChars }).catch((error: unknown) => {
      if (isAppError(error) && error.code === "not_found") return undefined;
      throw error;
    });
  };

  const whatOf = async (job: Job, slot: SlotRecord) => {
    const told = await reportOf(job, slot);
    // Beside a report, from which secrets are taken, goes the answer as it stands there.
    const reply = told?.report.answer ?? (await replyOf(job, slot));
    return {
      reply,
      report: told?.markdown,
      text: told?.markdown ?? (slot.status === "ok" ? reply : (slot.error ?? "")),
    };
  };

  /** The row that takes it to a chat network, where it is to go there; or why that cannot be. */
  const toChannel = async (
    job: Job,
    slot: SlotRecord,
    text: string,
    of: SentResult["of"],
  ): Promise<{ row?: ChannelChange; delivery: Delivered }> => {
    const { channel, to } = job.delivery ?? {};
    if (channel === undefined || channel === "editor") return { delivery: { status: "delivered" } };
    const key = resultKey({ jobId: job.id, of });
    const failed = (error: string) => ({ delivery: { status: "failed" as const, error } });
    try {
      const { channels } = options;
      if (!channels?.settings(channel)) return failed(`No channel ${channel} is set up in openclaw.yml`);
      const title = slot.status === "ok" ? `**${job.name}**` : `**${job.name}** failed`;
      return {
        delivery: { status: "queued", channel },
        row: await channels.toSend({
          key,
          channel,
          text: `${title}\n\n${options.redact(text)}`,
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
  };

  /** From where it is stored on, it is the chat's to say. */
  const onItsWay = (job: Job, of: SentResult["of"], { channel }: Delivered): void => {
    if (channel === undefined) return;
    options.channels?.nudge(channel);
    if ("slot" in of) options.following.follow({ jobId: job.id, channel, of });
  };

  const announce = async (job: Job, slot: SlotRecord, text: string, rehearsed?: string) => {
    const of = rehearsed === undefined ? { slot: slot.slot } : { rehearsed, at: slot.slot };
    const { row, delivery } = await toChannel(job, slot, text, of);
    const slots = rehearsed === undefined ? [{ put: { ...slot, delivery }, expect: slot }] : [];
    const channels = row ? [row] : [];
    const status = slot.status === "ok" ? "ok" : "failed";
    const { sessionKey } = slot;
    events.tell({ type: "job.announced", jobId: job.id, name: job.name, status, text, ...defined({ sessionKey }) });
    if (sessionKey === MAIN) await store.commit({ slots, channels });
    else await inMain(job, slot, { text, isRehearsed: rehearsed !== undefined, kept: { slots, channels } });
    onItsWay(job, of, delivery);
    return delivery;
  };

  const inMain = async (
    job: Job,
    slot: SlotRecord,
    { text, isRehearsed, kept }: { text: string; isRehearsed: boolean; kept: Parameters<typeof noteInMain>[2] },
  ): Promise<void> => {
    const status = slot.status === "ok" ? "ok" : "failed";
    const what = isRehearsed ? "rehearsal of the job" : "job";
    const note = `The ${what} "${job.name}" ${status === "ok" ? "is done" : "failed"}: ${text}`;
    await noteInMain(options, { text: note, origin: { via: "cron", id: job.id } }, kept);
  };

  const post = async (
    job: Job,
    slot: SlotRecord,
    { reply, report }: { reply: string; report?: string },
    more: { rehearsal?: true } = {},
  ): Promise<SlotRecord["delivery"]> => {
    const { webhooks } = options;
    const by = delivererOf(job);
    const url = job.delivery?.url ?? "";
    if (!webhooks) return { status: "failed", error: "This gateway posts to no webhooks" };
    const { cause, runId, sessionKey, result, error, startedAt, finishedAt } = slot;
    const body = {
      job: { id: job.id, name: job.name },
      ...more,
      slot: slot.slot,
      status: slot.status,
      cause,
      runId: runId ?? null,
      sessionKey: sessionKey ?? null,
      reply,
      ...defined({ result: report === undefined ? result : withTexts(result, options.redact), report }),
      error: error == null ? null : report === undefined ? error : options.redact(error),
      startedAt,
      finishedAt: finishedAt ?? null,
    };
    for (let attempt = 0; ; attempt++) {
      const why = forbidsWebhook(url, by, options);
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
        if (closed) return { status: "pending" };
      }
    }
  };

  return {
    async deliver(job, slot) {
      try {
        const { reply, report, text } = await whatOf(job, slot);
        const reminder = toReminder(job);
        if (reminder?.type === "job.announced") {
          // Announced at its time; what is left is its chat.
          const of = { slot: slot.slot };
          const { row, delivery } = await toChannel(job, slot, reminder.text, of);
          await store.commit({ slots: [{ put: { ...slot, delivery }, expect: slot }], channels: row ? [row] : [] });
          onItsWay(job, of, delivery);
        } else if (job.delivery?.mode === "announce") {
          await announce(job, slot, cutText(text, MOST_CHARS));
        } else if (job.delivery?.mode === "webhook") {
          const delivery = await post(job, slot, { reply, ...defined({ report }) });
          await store.commit({ slots: [{ put: { ...slot, delivery }, expect: slot }] });
        }
      } catch (error) {
        if (isAppError(error) && error.code === "conflict") return; // Another gateway has delivered it.
        // Stays pending, so the next start tries again.
        log.error("The result of a job could not be delivered", { jobId: job.id, error: describeError(error) });
      }
    },
    async sendRehearsed(job, slot) {
      const { reply, report, text } = await whatOf(job, slot);
      if (job.delivery?.mode === "webhook")
        return post(job, slot, { reply, ...defined({ report }) }, { rehearsal: true });
      const reminder = toReminder(job);
      return announce(
        job,
        slot,
        cutText(reminder?.type === "job.announced" ? reminder.text : text, MOST_CHARS),
        slot.runId ?? "",
      );
    },
    close() {
      closed = true;
    },
  };
}
