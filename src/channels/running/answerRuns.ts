import { isAppError } from "../../base/appError.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/log.ts";
import { sleep, within } from "../../base/wait.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { RunOutcome, RunRecord } from "../../protocol/run.ts";
import type { InboxRow } from "../../core/ports/outside/channelRows.ts";
import type { Incoming } from "../channel.ts";
import { type ChannelParts, commit, saying, whileRefused } from "./channelParts.ts";
import { isHeard } from "./isHeard.ts";
import { namedPictures } from "./namedPictures.ts";
import type { StatusDrafts } from "./statusDraft.ts";
import { words } from "./words.ts";

/** Takes what runs answer back to the chats they came from, each once. */
export interface AnswerRuns {
  follow(runId: string): void;
  /** Ends the runs of people who may talk no more. */
  dropRemoved(): void;
  close(): Promise<void>;
}

interface Answering extends ChannelParts {
  drafts: StatusDrafts;
  /** Something is to be sent. */
  onSaid(): void;
}

const LOOK_MS = 60_000;
const AGAIN_MS = 2000;
// What is shown still when the gateway closes is found and removed by the next.
const LAST_MS = 1500;

/** Runs that an earlier process followed are followed on. */
export async function startAnswering(parts: Answering): Promise<AnswerRuns> {
  const { agent, channel, signal } = parts;
  const following = new Map<string, Promise<void>>();
  const follow = (runId: string): void => {
    if (following.has(runId)) return;
    const work = whileRefused(parts, () => answer(parts, runId))
      .catch((error: unknown) => {
        if (!signal.aborted) agent.log.error("A run could not be answered", { runId, error: describeError(error) });
      })
      .finally(() => following.delete(runId));
    following.set(runId, work);
  };
  const taken = await agent.store.listInbox({ channel: channel.id, states: ["taken"], limit: 10_000 });
  for (const { runId } of taken) if (runId !== undefined) follow(runId);
  await dropRemoved(parts);
  return {
    follow,
    dropRemoved: () =>
      void whileRefused(parts, () => dropRemoved(parts)).catch((error: unknown) => {
        if (signal.aborted) return;
        agent.log.warn("Runs of who may talk no more could not be ended", { error: describeError(error) });
      }),
    async close() {
      await Promise.all(following.values());
    },
  };
}

async function dropRemoved(parts: ChannelParts): Promise<void> {
  const { agent, channel } = parts;
  const taken = await agent.store.listInbox({ channel: channel.id, states: ["taken"], limit: 10_000 });
  for (const { runId, body } of taken)
    if (runId !== undefined && !(await isHeard(parts, body as unknown as Incoming))) await endWork(parts, runId);
}

/** Ends a run, where it has not ended, and all that works for it. Resolves with how many runs that were, and how many of them say so themselves. */
export async function endWork(
  parts: Pick<ChannelParts, "agent">,
  runId: string,
): Promise<{ count: number; telling: number }> {
  const { runs } = parts.agent;
  // Their results would have it go on.
  const quiet = await runs.stop((await workFor(parts, runId)).others);
  let telling = 0;
  for (const { id } of (await workFor(parts, runId)).answering) if (await runs.cancel(id)) telling += 1;
  return { count: quiet + telling, telling };
}

/** A message's own run answers it, and so do those that go on for it with what its sub-agents brought: each as it ends. */
async function answer(parts: Answering, runId: string): Promise<void> {
  const { agent, channel, signal } = parts;
  const taken = await agent.store.listInbox({ channel: channel.id, states: ["taken"], limit: 10_000 });
  const rows = taken.filter((row) => row.runId === runId);
  if (rows.length === 0) return;
  const { place, body } = rows.at(-1)!;
  const told = new Set<string>();
  for (;;) {
    const { next, others } = await goingOn(parts, runId, told);
    if (!next && others[0]) {
      await finished(parts, others[0].id);
      continue;
    }
    if (next?.id === runId && next.state !== "finished")
      void channel.show.seen(place, (body as unknown as Incoming).messageId).catch(() => {});
    const run = next && (await whileShown(parts, place, next));
    told.add(next?.id ?? runId);
    const after = await goingOn(parts, runId, told);
    const isOver = !after.next && after.others.length === 0;
    const isToldTo = await isHeard(parts, body as unknown as Incoming);
    await putAnswer(parts, { place, rows: isOver ? rows : [] }, isToldTo ? run : undefined);
    parts.onSaid();
    if (isOver) return;
    signal.throwIfAborted();
  }
}

/** Of the runs that work for one: the oldest that answers in its session and was not told, and those of others that are under way. */
async function goingOn(parts: ChannelParts, runId: string, told: Set<string>) {
  const { answering, others } = await workFor(parts, runId);
  return { next: answering.find(({ id }) => !told.has(id)), others };
}

/** Of a run: itself and those that go on for it, which answer in its session, oldest first; and those of others that are under way for it. */
async function workFor({ agent }: Pick<ChannelParts, "agent">, runId: string) {
  const found = (await agent.store.listSpent(runId)).map(({ id }) => agent.store.getRun(id));
  const runs = (await Promise.all(found)).filter((run) => run !== undefined);
  const first = runs.find(({ id }) => id === runId);
  const answers = ({ id, continues, sessionKey }: RunRecord) =>
    id === runId || (continues !== undefined && sessionKey === first?.sessionKey);
  return {
    answering: runs.filter(answers),
    others: runs.filter((run) => !answers(run) && run.state !== "finished"),
  };
}

/** Shows that it is under way, and what it does, until it has ended. */
async function whileShown(parts: Answering, place: string, run: RunRecord): Promise<RunRecord | undefined> {
  if (run.state === "finished") return run;
  const { agent, signal } = parts;
  const status = parts.drafts.show(place);
  const watching = watch(parts, run.id, status.doing);
  try {
    const ended = await finished(parts, run.id);
    // Gone before the answer comes: what notifies is the answer.
    await status.end();
    return ended;
  } finally {
    watching.dispose();
    if (signal.aborted) await within(agent.clock, LAST_MS, status.end());
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

/** The answer is to be sent, and the messages that nothing else answers any more are done: both, or neither. */
async function putAnswer(
  parts: ChannelParts,
  { place, rows }: { place: string; rows: InboxRow[] },
  run: RunRecord | undefined,
): Promise<void> {
  const { channel } = parts;
  const text = run?.outcome && textOf(run.outcome);
  const done = rows.map((row) => ({
    take: { channel: channel.id, id: row.id },
    expect: "taken" as const,
    state: "done" as const,
  }));
  const files = text ? await namedPictures(parts, run!, text) : [];
  const said = text ? [saying(parts, `answer ${run!.id}`, place, { text, files })] : [];
  await whileRefused(parts, () => commit(parts, ...done, ...said));
}

/** "" where another run answers. */
function textOf(outcome: RunOutcome): string {
  const { type } = outcome;
  if (type === "failed") return `⚠️ ${outcome.error.message}`;
  if (type === "done") return outcome.joined !== undefined ? "" : outcome.reply.trim() || words.noAnswer;
  const end = type === "cancelled" ? words.stopped : type === "timed_out" ? words.timedOut : words.interrupted;
  return [outcome.reply.trim(), end].filter(Boolean).join("\n\n");
}
