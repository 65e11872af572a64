import { AppError } from "../../base/appError.ts";
import { race } from "../../base/wait.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { Cursor, Received, Update } from "../channel.ts";
import { type ChannelParts, commit, noteOf } from "./channelParts.ts";
import { moveChat } from "./chats.ts";
import { followGap } from "./missedMessages.ts";

// A call that has not come back by then never will.
const STUCK_MS = 120_000;
// More answers in a row than this, of which none is new, and whoever gives them takes no acknowledgement.
const MOST_STALE = 3;
// After a week of silence Telegram begins its numbers anew, anywhere; what it has kept is a day old at most.
const NUMBERS_HOLD_MS = 6 * 24 * 3_600_000;
// Further ahead a message was noted by a clock that was set back since: how long ago that was is not known.
const AHEAD_MS = 60_000;

/**
 * Takes messages as they come: each is stored, with how far they were taken, before the next call acknowledges it. Returns never;
 * rejects with the fault that ended it.
 */
export async function takeUpdates(
  parts: ChannelParts,
  account: string,
  { onStored, onAnswered, onWell }: { onStored(): void; onAnswered(): void; /** Nothing is amiss. */ onWell(): void },
): Promise<never> {
  const { agent, channel, signal } = parts;
  const key = `cursor:${account}`;
  const known = (await noteOf(parts, key)) as { next: Cursor | null; at: number } | undefined;
  const gap = await followGap(parts, account);
  let at = known?.at ?? agent.clock.now();
  // Where it ends before anything is stored, the next knows since when it is asked to listen.
  if (!known) await commit(parts, { note: { channel: channel.id, key }, value: { next: null, at } });
  let cursor = known?.next ?? undefined;
  let stale = 0;
  const store = async ({ updates, cursor: next, isGap, settle }: Received): Promise<"nothing" | "new" | "repeat"> => {
    // Another process may have taken over while this one was stopped.
    if (!parts.isHeld())
      throw new AppError("conflict", `${channel.id} was left alone for too long: another process may run it now`);
    if (isGap) await gap.open(at);
    const missed = await gap.ask();
    updates.unshift(...missed.updates);
    if (updates.length === 0 && missed.changes.length === 0) return "nothing";
    at = agent.clock.now();
    tellStrange(parts, updates);
    await commit(
      parts,
      ...rowsOf(parts, account, updates),
      ...(await movesOf(parts, updates)),
      { note: { channel: channel.id, key }, value: { next: next ?? null, at } },
      ...missed.changes,
    );
    // Who is told that it is stored takes no other acknowledgement.
    return next === cursor && !settle && missed.changes.length === 0 ? "repeat" : "new";
  };
  for (;;) {
    signal.throwIfAborted();
    const silentMs = agent.clock.now() - at;
    if (silentMs > NUMBERS_HOLD_MS || silentMs < -AHEAD_MS) cursor = undefined;
    const received = await unlessStuck(parts, (call) => channel.receive(cursor, call, gap.dueInMs()));
    const { cursor: next, settle } = received;
    onAnswered();
    let stored: Awaited<ReturnType<typeof store>>;
    try {
      stored = await store(received);
    } catch (error) {
      settle?.(false);
      throw error;
    }
    settle?.(true);
    if (stored === "nothing") {
      onWell();
      continue;
    }
    stale = stored === "repeat" ? stale + 1 : 0;
    cursor = next;
    onStored();
    if (stale === 0) onWell();
    if (stale >= MOST_STALE)
      throw new AppError(
        "unavailable",
        `${channel.id} gives the same messages again and again: it takes no acknowledgement`,
      );
  }
}

function tellStrange({ agent, channel }: ChannelParts, updates: Update[]): void {
  for (const { id, strange } of updates)
    if (strange !== undefined)
      agent.log.warn("A message has a shape that is not known, and is left out", { channel: channel.id, id, strange });
}

async function unlessStuck<T>(
  { agent: { clock }, channel, signal }: ChannelParts,
  call: (signal: AbortSignal) => Promise<T>,
) {
  const stop = new AbortController();
  const why = new AppError("unavailable", `${channel.id} has not answered for ${STUCK_MS / 1000} s; it is asked anew`);
  const timer = clock.at(clock.now() + STUCK_MS, () => stop.abort(why));
  const both = AbortSignal.any([signal, stop.signal]);
  try {
    return await race(call(both), both);
  } finally {
    timer.dispose();
  }
}

function rowsOf({ channel }: ChannelParts, account: string, updates: Update[]): ChannelChange[] {
  return updates.flatMap(({ id, what }) =>
    what === undefined || what.kind === "moved"
      ? []
      : [{ receive: { channel: channel.id, id: `${account}/${id}`, place: what.place, body: { ...what } } }],
  );
}

async function movesOf(parts: ChannelParts, updates: Update[]): Promise<ChannelChange[]> {
  const moves = updates.flatMap(({ what }) => (what?.kind === "moved" ? [moveChat(parts, what.place, what.to)] : []));
  return (await Promise.all(moves)).flat();
}
