import { isAppError } from "../../base/appError.ts";
import { describeError } from "../../base/log.ts";
import { sleep, within } from "../../base/wait.ts";
import type { ChannelAgent } from "../../core/ports/outside/channelAgent.ts";
import type { ChannelReport } from "../../core/ports/outside/channelDesk.ts";
import { startAnswering } from "./answerRuns.ts";
import { answerPress, askInChats, closeAsk, closeIfOver, closeLeft, settleAsks } from "./askInChat.ts";
import type { Channel } from "../channel.ts";
import { type ChannelParts, whileRefused } from "./channelParts.ts";
import { type ChannelHold, holdChannel } from "./holdChannel.ts";
import { startSending } from "./sendRows.ts";
import { createDrafts, type StatusDrafts } from "./statusDraft.ts";
import { startTaking } from "./takeMessages.ts";
import { takeUpdates } from "./takeUpdates.ts";

export interface RunChannelOptions {
  agent: ChannelAgent;
  channel: Channel;
  /** Who this process is, for people. */
  owner: string;
  redact: (text: string) => string;
  openPicture?: ChannelParts["openPicture"];
  /** See Channel.deleteWebhook: before it is run. */
  deleteWebhook?: boolean;
}

const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 60_000;
// Another program has the account's messages, or a killed one's call is open still: asked often, two would only disturb each other.
const CONFLICT_MS = 2000;
const REFUSED_MS = 600_000;
const MUTED_LOOK_MS = 5000;
const LEAVE_MS = 2000;
const FORGET_MS = 3_600_000;
const LEFT_MS = 15_000;

/** Runs a channel until it is closed: whatever its network does, the agent goes on, and it is tried again. */
export function runChannel(options: RunChannelOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  const { agent, channel } = options;
  const report = (state: ChannelReport["state"], more: Omit<ChannelReport, "state"> = {}) =>
    agent.channels.report(channel.id, { state, ...more });
  const work = keepRunning(options, stop.signal, report).catch((error: unknown) => {
    if (!stop.signal.aborted) agent.log.error(`${channel.id} ended`, { error: describeError(error) });
  });
  return {
    async close() {
      stop.abort();
      await work;
      report("off");
    },
  };
}

type Report = (state: ChannelReport["state"], more?: Omit<ChannelReport, "state">) => void;

async function keepRunning(options: RunChannelOptions, signal: AbortSignal, report: Report): Promise<void> {
  const { agent, channel } = options;
  report("starting");
  let { deleteWebhook = false } = options;
  await again(options, signal, report, async () => {
    await whileMuted(agent, channel.id, signal);
    if (deleteWebhook) await channel.deleteWebhook(signal);
    deleteWebhook = false;
    await runOnce(options, signal, report);
  });
}

/** Does it over and over until the signal aborts, after each fault in a row a while later: it says when something went well. */
async function again(
  { agent, channel }: Pick<RunChannelOptions, "agent" | "channel">,
  signal: AbortSignal,
  report: Report,
  work: (onWell: () => void) => Promise<void>,
): Promise<void> {
  const { clock } = agent;
  let faults = 0;
  while (!signal.aborted) {
    const began = clock.steady();
    try {
      await work(() => (faults = 0));
    } catch (error) {
      if (signal.aborted) return;
      faults = clock.steady() - began > LONGEST_BACKOFF_MS ? 1 : faults + 1;
      const { ms, state } = afterFault(error, faults);
      agent.log.warn(`${channel.id} does not work for now`, { error: describeError(error), againInMs: ms });
      report(state, {
        error: isAppError(error) ? error.message : "Something went wrong inside Pincer; the log has the details",
        retryAt: clock.now() + ms,
      });
      await sleep(clock, ms, signal).catch(() => {});
    }
  }
}

function afterFault(error: unknown, faults: number): { ms: number; state: "failed" | "waiting" } {
  const code = isAppError(error) ? error.code : "internal";
  if (code === "unauthorized" || code === "bad_request") return { ms: REFUSED_MS, state: "failed" };
  const first = code === "conflict" ? CONFLICT_MS : FIRST_BACKOFF_MS;
  const wait = isAppError(error) ? error.retryAfterMs : undefined;
  return {
    ms: wait ?? Math.min(first * 2 ** Math.min(faults - 1, 10), LONGEST_BACKOFF_MS),
    state: "waiting",
  };
}

async function whileMuted(agent: ChannelAgent, id: string, signal: AbortSignal): Promise<void> {
  while (await agent.channels.isMuted(id)) {
    const changed = Promise.withResolvers<void>();
    const watching = agent.channels.onChange(() => changed.resolve());
    // Another process may have changed it.
    await within(agent.clock, MUTED_LOOK_MS, changed.promise, signal).finally(() => watching.dispose());
    signal.throwIfAborted();
  }
}

/** From taking the lease to the fault that ends it, or until it is muted. */
async function runOnce(options: RunChannelOptions, signal: AbortSignal, report: Report): Promise<void> {
  const { agent, channel, owner } = options;
  const muted = new AbortController();
  const muting = agent.channels.onChange((changed) => {
    if (changed !== channel.id) return;
    const asked = whileRefused({ agent, signal }, () => agent.channels.isMuted(channel.id));
    void asked
      .then((isMuted) => isMuted && muted.abort())
      .catch((error: unknown) => {
        if (!signal.aborted) agent.log.warn("Whether it is muted is not known", { error: describeError(error) });
      });
  });
  try {
    const account = await channel.account(signal);
    const { name } = account;
    const hold = await holdChannel(agent, {
      account: `${channel.id}:${account.id}`,
      owner,
      signal,
      onWait: (other) =>
        report("waiting", {
          account: name,
          error: `${other} runs it; this process goes on with it when that one ends`,
        }),
    });
    try {
      // It may have been muted since it was looked at.
      if (!(await agent.channels.isMuted(channel.id))) await runHeld(options, { account, hold, muted, signal, report });
    } finally {
      await hold.drop();
    }
  } finally {
    muting.dispose();
  }
}

interface Held {
  account: { id: string; name: string };
  hold: ChannelHold;
  muted: AbortController;
  signal: AbortSignal;
  report: Report;
}

async function runHeld(
  { agent, channel, redact, openPicture }: RunChannelOptions,
  { account: { id, name }, hold, muted, signal, report }: Held,
): Promise<void> {
  const inner = AbortSignal.any([signal, hold.lost, muted.signal]);
  const parts: ChannelParts = {
    agent,
    channel,
    redact,
    openPicture,
    signal: inner,
    settings: () => agent.channels.settings(channel.id)!,
    isHeld: hold.isHeld,
  };
  const closing: (() => unknown)[] = [];
  try {
    const sending = await startSending(parts, (key) => {
      if (key.startsWith("ask ")) persistently(parts, () => closeIfOver(parts, key));
    });
    closing.push(() => sending.close());
    const changing = agent.channels.onChange((changed) => void (changed === channel.id && sending.look()));
    closing.push(() => changing.dispose());
    const drafts = createDrafts(parts);
    await drafts.tidy();
    await settleAsks(parts);
    const left = followLeft(parts, drafts);
    closing.push(() => left.close());
    const asking = followAsks(parts, sending.look);
    closing.push(() => asking.dispose());
    const answering = await startAnswering({ ...parts, drafts, onSaid: sending.look });
    closing.push(() => answering.close());
    const removing = agent.channels.onChange((changed) => void (changed === channel.id && answering.dropRemoved()));
    closing.push(() => removing.dispose());
    const taking = startTaking(parts, {
      onTaken: answering.follow,
      onPress: (press) => answerPress(parts, press),
      onSaid: sending.look,
    });
    closing.push(() => taking.close());
    if (parts.settings().asks === "all") {
      const there = agent.people.come();
      closing.push(() => there.dispose());
    }
    const forgetting = setInterval(() => void forget(parts), FORGET_MS).unref();
    closing.push(() => clearInterval(forgetting));
    await forget(parts);
    let isUp = channel.onLine === undefined;
    const stands = () =>
      isUp ? report("connected", { account: name, ...channel.standing?.() }) : report("starting", { account: name });
    const line = channel.onLine?.((now) => {
      isUp = now;
      if (!inner.aborted) stands();
    });
    closing.push(() => line?.dispose());
    stands();
    // While nothing can be taken, what there is to send is sent all the same.
    await again(
      { agent, channel },
      inner,
      (state, more) => report(state, { account: name, ...more }),
      (onWell) =>
        takeUpdates(parts, id, {
          onStored: taking.look,
          onAnswered: stands,
          onWell,
        }),
    );
  } finally {
    muted.abort();
    channel.close?.();
    // Of whom the account is by now it is to say, where it is no more ours.
    const leaving = hold.isHeld() ? leave(agent, channel) : undefined;
    for (const close of closing.toReversed()) await close();
    await leaving;
  }
}

async function leave({ log }: ChannelAgent, channel: Channel): Promise<void> {
  await channel.leave?.(AbortSignal.timeout(LEAVE_MS)).catch((error: unknown) => {
    log.warn(`${channel.id} could not be told to keep its messages`, { error: describeError(error) });
  });
}

/** What is over is known for a week: long enough that nothing of it can come again. */
async function forget({ agent, channel }: ChannelParts): Promise<void> {
  await agent.channels.forget(channel.id).catch((error: unknown) => {
    agent.log.warn("Old messages of a channel could not be forgotten", { error: describeError(error) });
  });
}

function followAsks(parts: ChannelParts, onAsked: () => void) {
  const { agent } = parts;
  return agent.events.on((event) => {
    if (event.type === "approval.asked") persistently(parts, () => askInChats(parts, event.approval).then(onAsked));
    if (event.type === "approval.answered") {
      const word = event.decision === "deny" ? "❌ Denied" : "✅ Allowed";
      persistently(parts, () => closeAsk(parts, event.approvalId, `${word} (${event.by})`));
    }
  });
}

/** Also where the store refuses it for now. */
function persistently(parts: ChannelParts, work: () => Promise<void>): void {
  void whileRefused(parts, work).catch((error: unknown) => {
    if (parts.signal.aborted) return;
    parts.agent.log.warn("A question could not be shown in its chat", { error: describeError(error) });
  });
}

/** What is shown still, and could not be taken away, goes when its chat may be written to. */
function followLeft(parts: ChannelParts, drafts: StatusDrafts): { close(): Promise<void> } {
  const { clock, log } = parts.agent;
  let work = Promise.resolve();
  const look = async () => {
    try {
      await drafts.tidy();
      await closeLeft(parts);
    } catch (error) {
      log.debug("What is left in chats could not be taken away", { error: describeError(error) });
    }
    if (!parts.signal.aborted) timer = arm();
  };
  const arm = () => clock.at(clock.now() + LEFT_MS, () => void (work = look()));
  let timer = arm();
  return {
    async close() {
      timer.dispose();
      await work;
    },
  };
}
