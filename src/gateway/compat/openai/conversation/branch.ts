import type { Core } from "../../../../core/core.ts";
import type { RunRecord } from "../../../../protocol/run.ts";
import { defined } from "../../../../base/defined.ts";

// Runs behind the one that is gone on from.
const LOOKED_BACK = 200;
const PAGE = 200;

/**
 * The session in which what follows an answer goes on: its own, or a copy that ends with the answer, under `newKey`, where a client went on from
 * it before. What others said there meanwhile is read, and a try that came to no answer may be made again.
 */
export async function toBranch(core: Core, { id, sessionKey }: RunRecord, newKey: string): Promise<string> {
  const runs = await core.runs.list({ sessionKey, limit: LOOKED_BACK });
  const at = runs.findIndex((run) => run.id === id);
  const later = at < 0 ? runs : runs.slice(0, at);
  const wentOn = later.some(({ origin, outcome }) => origin.via === "openai" && (!outcome || outcome.type === "done"));
  const uptoSeq = wentOn ? await lastSeq(core, sessionKey, id) : undefined;
  if (uptoSeq === undefined) return sessionKey;
  return (await core.sessions.fork(sessionKey, { uptoSeq, as: newKey })).key;
}

/** Of the messages of a run; undefined where none is there. */
async function lastSeq(core: Core, sessionKey: string, runId: string): Promise<number | undefined> {
  let before: number | undefined;
  for (let hasMore = true; hasMore;) {
    const page = { limit: PAGE, includeTools: true, ...defined({ before }) };
    const history = await core.sessions.history(sessionKey, page);
    const last = history.messages.findLast((message) => message.runId === runId);
    if (last) return last.seq;
    before = history.messages[0]?.seq;
    hasMore = history.hasMore && before !== undefined;
  }
  return undefined;
}
