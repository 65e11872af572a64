import { type AppError, isAppError } from "../../base/appError.ts";
import { describeError } from "../../base/log.ts";
import { sleep } from "../../base/wait.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { Update } from "../channel.ts";
import { type ChannelParts, noteOf } from "./channelParts.ts";

/** What was written while nobody listened is asked for, chat by chat; one that cannot be asked now holds up no other, and is asked later. */
export interface MissedMessages {
  /** Nobody listened since then. */
  open(sinceMs: number): Promise<void>;
  /** What was found by now, what was taken all the same among it, and what to store with it. */
  ask(): Promise<{ updates: Update[]; changes: ChannelChange[] }>;
  /** Milliseconds until there is something to be asked; undefined where there is nothing. */
  dueInMs(): number | undefined;
}

type Gap = {
  since: number;
  /** Chats that were not asked. */
  places: string[];
  /** The network was not asked either, where else something was written. */
  isWide: boolean;
};

// The network's clock is another.
const CLOCK_SKEW_MS = 60_000;
// What was written longer ago nobody waits for any more.
const LONGEST_GAP_MS = 24 * 3_600_000;
// So long what comes anew waits for what was missed.
const ROUND_MS = 15_000;
const PLACE_MS = 10_000;
const AT_ONCE = 4;
const SHORT_WAIT_MS = 2000;
const MOST_TRIES = 5;
const LATER_MS = 5000;
// A private chat is opened to be asked: with some people, not with hundreds.
const MOST_PEOPLE = 50;

/** What an earlier process had not asked for is asked for now. */
export async function followGap(parts: ChannelParts, account: string): Promise<MissedMessages> {
  const { agent, channel } = parts;
  const key = `gap:${account}`;
  let gap = (await noteOf(parts, key)) as Gap | undefined;
  let notBefore = 0;
  return {
    async open(sinceMs) {
      if (!channel.missed) return;
      const since = Math.min(sinceMs, gap?.since ?? sinceMs);
      gap = { since, places: await knownPlaces(parts), isWide: true };
      notBefore = 0;
    },
    dueInMs: () => (gap ? Math.max(notBefore - agent.clock.steady(), 0) : undefined),
    async ask() {
      if (!gap || agent.clock.steady() < notBefore) return { updates: [], changes: [] };
      const { updates, left, waitMs } = await askOnce(parts, gap);
      gap = left;
      notBefore = agent.clock.steady() + waitMs;
      return { updates, changes: [{ note: { channel: channel.id, key }, value: left ? { ...left } : null }] };
    },
  };
}

async function knownPlaces(parts: ChannelParts): Promise<string[]> {
  const { agent, channel } = parts;
  const keysOf = async (prefix: string) =>
    (await agent.store.listNotes(channel.id, prefix)).map(({ key }) => key.slice(prefix.length));
  const people = [...parts.settings().allow, ...(await keysOf("person:"))].filter((id) => !id.startsWith("-"));
  return [...new Set([...(await keysOf("chat:")), ...people.slice(0, MOST_PEOPLE)])];
}

async function askOnce(
  parts: ChannelParts,
  gap: Gap,
): Promise<{ updates: Update[]; left: Gap | undefined; waitMs: number }> {
  const { agent, channel } = parts;
  const now = agent.clock.now();
  // By a clock that was ahead nobody knows since when.
  const known = gap.since - CLOCK_SKEW_MS > now ? 0 : gap.since - CLOCK_SKEW_MS;
  const since = Math.max(known, now - LONGEST_GAP_MS);
  const until = agent.clock.steady() + ROUND_MS;
  const waits: number[] = [];
  const asking = async <T>(call: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> => {
    const answer = await patiently(parts, call);
    if ("value" in answer) return answer.value;
    waits.push(answer.waitMs);
    return undefined;
  };
  const others = gap.isWide && channel.writtenIn ? await asking((signal) => channel.writtenIn!(since, signal)) : [];
  const places = [...new Set([...gap.places, ...(others ?? [])])];
  const found: Update[][] = [];
  const left: string[] = [];
  const work = async () => {
    for (let place = places.shift(); place !== undefined; place = places.shift()) {
      const of = place;
      const isLate = agent.clock.steady() > until;
      const told = isLate ? undefined : await asking((signal) => channel.missed!(of, since, signal));
      if (told) found.push(told);
      else left.push(of);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const isWide = others === undefined;
  return {
    updates: found.flat(),
    left: isWide || left.length > 0 ? { since: gap.since, places: left, isWide } : undefined,
    waitMs: waits.length === 0 ? 0 : Math.min(...waits),
  };
}

/** Short waits are waited out some times; else how long it is to be left alone. Rejects with what is no passing fault. */
async function patiently<T>(
  { agent, channel, signal }: ChannelParts,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<{ value: T } | { waitMs: number }> {
  for (let tries = 1; ; tries++) {
    try {
      return { value: await call(AbortSignal.any([signal, AbortSignal.timeout(PLACE_MS)])) };
    } catch (error) {
      signal.throwIfAborted();
      const waitMs = passing(error)?.retryAfterMs ?? LATER_MS;
      if (!passing(error)) throw error;
      if (tries >= MOST_TRIES || waitMs > SHORT_WAIT_MS) {
        agent.log.warn(`What was missed in a chat of ${channel.id} is asked for later`, {
          error: describeError(error),
        });
        return { waitMs };
      }
      await sleep(agent.clock, waitMs, signal);
    }
  }
}

function passing(error: unknown): AppError | undefined {
  return isAppError(error) && (error.code === "unavailable" || error.code === "rate_limited") ? error : undefined;
}
