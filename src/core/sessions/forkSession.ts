import { defined } from "../../base/defined.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import { readContext, readHistory } from "../context/modelContext.ts";
import { estimateTokens } from "../models/estimate.ts";
import type { Keep } from "../ports/batch.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { toldSession } from "../state/toldSession.ts";
import { changeSession } from "./changeSession.ts";
import { copyHistory } from "./copyHistory.ts";
import type { SessionParts } from "./sessionParts.ts";

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
    title: title ?? `${source.title ?? key} (fork)`,
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
