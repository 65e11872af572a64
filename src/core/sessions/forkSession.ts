import { headOf } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import { readContext, readHistory } from "../context/modelContext.ts";
import { estimateTokens } from "../models/estimate.ts";
import type { Keep } from "../ports/batch.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { MOST_TITLE } from "../state/sessionRepository.ts";
import { toldSession } from "../state/toldSession.ts";
import { changeSession } from "./changeSession.ts";
import { copyHistory } from "./copyHistory.ts";
import type { SessionParts } from "./sessionParts.ts";

/** What the runs are called, of what a fork has of another session. */
export const FORKED = "fork_";

/** Of one session: beyond that they are not told apart by their names. */
const MOST_NUMBERED = 100;
const FORK = / \(fork(?: \d+)?\)$/;

/** A new session with the messages up to and including `uptoSeq` (all by default). */
export async function forkSession(
  parts: SessionParts,
  key: string,
  { title, uptoSeq, as }: { title?: string; uptoSeq?: number; as?: string },
  keep?: Keep<StoredSession>,
): Promise<StoredSession> {
  const { store, sessionRepository, events } = parts;
  const source = await sessionRepository.get(key);
  const history = (await readHistory(store, key)).filter(({ seq }) => uptoSeq === undefined || seq <= uptoSeq);
  const { messages, marks } = copyHistory(source, history);
  const copy = sessionRepository.make({
    title: title ?? (await forkTitle(parts, source, as === undefined)),
    workspace: source.workspace ?? null,
    model: source.model,
    parentKey: source.parentKey,
    ...defined({ key: as, tools: source.tools, agent: source.agent }),
  });
  const facts: RunFact[] = messages.map((message) => ({ type: "message", message }));
  const isWhole = history.length === messages.length && uptoSeq === undefined;
  const session: StoredSession = {
    ...copy,
    ...marks,
    ...defined({ effort: source.effort }),
    // A mode that takes rights away goes along; no other does.
    ...(source.mode?.is === "plan" ? { mode: source.mode } : {}),
    messageCount: facts.length,
    contextTokens: isWhole ? source.contextTokens : 0,
  };
  await events.commit({
    sessions: [{ put: session }],
    facts: [{ source: { runId: newId("fork"), sessionKey: copy.key }, facts }],
    answers: keep?.(session) ?? [],
  });
  events.tell({ type: "session.changed", session: toldSession(session) });
  if (isWhole) return session;
  const contextTokens = estimateTokens(await readContext(store, session));
  return changeSession(parts, copy.key, { contextTokens });
}

/** "Plans (fork)", "Plans (fork 2)": also of what is a fork itself. What a client names by keys of its own has no number. */
async function forkTitle({ store }: SessionParts, { title, key }: StoredSession, isNumbered: boolean): Promise<string> {
  const base = headOf((title ?? key).replace(FORK, ""), MOST_TITLE - " (fork 100)".length);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? `${base} (fork)` : `${base} (fork ${number})`;
    if (!isNumbered || number === MOST_NUMBERED) return name;
    if ((await store.listSessions({ title: name, limit: 1 })).sessions.length === 0) return name;
  }
}
