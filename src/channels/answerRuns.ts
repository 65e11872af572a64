import { isAppError } from "../base/appError.ts";
import type { Disposable } from "../base/disposable.ts";
import { describeError } from "../base/log.ts";
import { sleep } from "../base/wait.ts";
import type { GatewayEvent } from "../protocol/event.ts";
import type { RunOutcome, RunRecord } from "../protocol/run.ts";
import type { InboxRow } from "../core/ports/outside/channelRows.ts";
import type { Incoming } from "./channel.ts";
import { type ChannelParts, commit, saying } from "./channelParts.ts";
import { showStatus } from "./statusDraft.ts";
import { words } from "./words.ts";

/** Takes what runs answer back to the chats they came from, each once. */
export interface AnswerRuns {
  follow(runId: string): void;
  close(): Promise<void>;
}

const LOOK_MS = 60_000;
const AGAIN_MS = 2000;

/** Runs that an earlier process followed are followed on. */
export async function startAnswering(parts: ChannelParts, onSaid: () => void): Promise<AnswerRuns> {
  const { agent, channel, signal } = parts;
  const following = new Map<string, Promise<void>>();
  const follow = (runId: string): void => {
    if (following.has(runId)) return;
    const work = answer(parts, runId, onSaid)
      .catch((error: unknown) => {
        if (!signal.aborted) agent.log.error("A run could not be answered", { runId, error: describeError(error) });
      })
      .finally(() => following.delete(runId));
    following.set(runId, work);
  };
  const taken = await agent.store.listInbox({ channel: channel.id, states: ["taken"], limit: 10_000 });
  for (const { runId } of taken) if (runId !== undefined) follow(runId);
  return {
    follow,
    async close() {
      await Promise.all(following.values());
    },
  };
}

async function answer(parts: ChannelParts, runId: string, onSaid: () => void): Promise<void> {
  const { agent, channel, signal } = parts;
  const taken = await agent.store.listInbox({ channel: channel.id, states: ["taken"], limit: 10_000 });
  const rows = taken.filter((row) => row.runId === runId);
  if (rows.length === 0) return;
  const { place } = rows[0]!;
  const status = showStatus(parts, place);
  const { messageId } = rows.at(-1)!.body as unknown as Incoming;
  const seen = channel.show.seen(place, messageId).catch(() => {});
  const watching = watch(parts, runId, status.doing);
  try {
    const run = await finished(parts, runId);
    watching.dispose();
    await seen;
    // Gone before the answer comes: what notifies is the answer.
    await status.end();
    await putAnswer(parts, rows, run);
    onSaid();
  } finally {
    watching.dispose();
    if (signal.aborted) await status.end().catch(() => {});
  }
}

function watch({ agent }: ChannelParts, runId: string, doing: (what: string) => void): Disposable {
  return agent.events.on((event: GatewayEvent) => {
    if (!("runId" in event) || event.runId !== runId) return;
    if (event.type === "tool.started") doing(`${event.name} ${JSON.stringify(event.input ?? {})}`);
    if (event.type === "run.notice") doing(event.text);
  });
}

/** Undefined for one that is gone with its session. */
async function finished({ agent, signal }: ChannelParts, runId: string): Promise<RunRecord | undefined> {
  for (;;) {
    try {
      const run = await agent.runs.wait(runId, LOOK_MS, signal);
      signal.throwIfAborted();
      if (run.state === "finished") return run;
    } catch (error) {
      signal.throwIfAborted();
      if (!isAppError(error)) throw error;
      if (error.code === "not_found") return undefined;
      await sleep(agent.clock, AGAIN_MS, signal);
    }
  }
}

/** The answer is to be sent, and its messages are answered: both, or neither. */
async function putAnswer(parts: ChannelParts, rows: InboxRow[], run: RunRecord | undefined): Promise<void> {
  const { agent, channel, signal } = parts;
  const text = run?.outcome && textOf(run.outcome);
  const { place, runId } = rows[0]!;
  const done = rows.map((row) => ({
    take: { channel: channel.id, id: row.id },
    expect: "taken" as const,
    state: "done" as const,
  }));
  for (;;) {
    try {
      return await commit(parts, ...done, ...(text ? [saying(parts, `answer ${runId}`, place, text)] : []));
    } catch (error) {
      if (!isAppError(error) || error.code !== "unavailable") throw error;
      await sleep(agent.clock, AGAIN_MS, signal);
    }
  }
}

/** "" where another run answers. */
function textOf(outcome: RunOutcome): string {
  const { type } = outcome;
  if (type === "failed") return `⚠️ ${outcome.error.message}`;
  if (type === "done") return outcome.joined !== undefined ? "" : outcome.reply.trim() || words.noAnswer;
  const end = type === "cancelled" ? words.stopped : type === "timed_out" ? words.timedOut : words.interrupted;
  return [outcome.reply.trim(), end].filter(Boolean).join("\n\n");
}
