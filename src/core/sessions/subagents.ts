import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { Run, StoredWith } from "../services/submittedRun.ts";
import type { Steering, Subagent, Subagents } from "../services/subagentService.ts";
import type { Activities } from "../state/activities.ts";
import { sendMessage } from "./sendMessage.ts";
import type { SessionParts } from "./sessionParts.ts";

// More siblings than this are not listed: the newest are.
const MOST_SIBLINGS = 100;

export function createSubagents(parts: SessionParts, activities: Activities): Subagents {
  return {
    async list(sessionKey) {
      await parts.sessionRepository.get(sessionKey);
      return listBelow(parts, activities, sessionKey, 1);
    },
    steer: (message, kept) => steer(parts, message, kept),
    async cancel(sessionKey, { tree, quiet = false }) {
      const { parentKey } = await parts.sessionRepository.get(sessionKey);
      const own = parentKey === undefined ? [] : await parts.runs.unfinished(sessionKey);
      const below = tree || parentKey === undefined ? await parts.store.listSpawned(sessionKey) : [];
      // What whoever cancels it quietly works for may be another's than what waits for it.
      const waiting = quiet ? { sessionKey: parentKey!, cancelled: false } : { sessionKey, cancelled: true };
      const stopped = await parts.runs.stop(quiet ? [...own, ...below] : below, waiting);
      if (quiet) return stopped;
      const cancelled = await Promise.all(own.toReversed().map(({ id }) => parts.runs.cancel(id)));
      return stopped + cancelled.filter(Boolean).length;
    },
  };
}

async function listBelow(
  parts: SessionParts,
  activities: Activities,
  parentKey: string,
  depth: number,
): Promise<Subagent[]> {
  const { sessions } = await parts.store.listSessions({ parentKey, limit: MOST_SIBLINGS });
  const found: Subagent[] = [];
  for (const session of sessions) {
    const [run] = await parts.runs.list({ sessionKey: session.key, limit: 1 });
    const isAtWork = session.state === "running" || session.state === "waiting";
    const activity = isAtWork ? activities.of(session.key) : undefined;
    found.push({ session, depth, ...defined({ run, activity }) });
    found.push(...(await listBelow(parts, activities, session.key, depth + 1)));
  }
  return found;
}

/** It goes on for the run that it is meant for: the result that one owes waits for it, too. */
async function steer(parts: SessionParts, { runId, ...message }: Steering, kept?: StoredWith): Promise<Run> {
  const active = await underWay(parts, message.sessionKey, runId);
  // What was allowed or granted to whoever began it is not for what another session says.
  if (message.sentBy && active.origin.via !== "subagent")
    throw new AppError(
      "conflict",
      `The run under way in session ${message.sessionKey} was not begun by an agent, so no agent may steer it. Send the message instead.`,
    );
  const request = {
    ...message,
    joins: { runId: active.id },
    ...defined({ spawn: active.spawn }),
    ...(message.sentBy ? { continues: active.id } : {}),
  };
  return sendMessage(parts, request, kept);
}

async function underWay(
  { runs, sessionRepository }: SessionParts,
  sessionKey: string,
  runId?: string,
): Promise<RunRecord> {
  await sessionRepository.get(sessionKey);
  const active = (await runs.unfinished(sessionKey)).find(({ state }) => state === "running");
  if (active && (runId === undefined || active.id === runId)) return active;
  const which = runId === undefined ? `No run of session ${sessionKey}` : `Run ${runId} is not the one that`;
  throw new AppError("conflict", `${which} is under way, so there is none to steer. Send the message instead.`);
}
