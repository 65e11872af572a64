import { AppError } from "../../base/appError.ts";
import { checkAttachment } from "../../base/attachments/checkAttachment.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import type { RunFact } from "../../protocol/event.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { ApprovalDesk } from "../permission/approvals.ts";
import type { Compactor } from "../context/compaction.ts";
import type { Run, Sessions, SessionStatus, Workspaces } from "../core.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import { readContext, readHistory } from "../context/modelContext.ts";
import { estimateTokens } from "../models/estimate.ts";
import { copyHistory } from "./copyHistory.ts";
import type { SessionChange, SessionPatch } from "../ports/batch.ts";
import type { Store } from "../ports/store.ts";
import type { AllRuns } from "../runs/runs.ts";
import { MAIN, type SessionCache, toTitle } from "../state/sessionCache.ts";
import { NO_USAGE } from "../models/usageSum.ts";
import { toldSession } from "../state/toldSession.ts";

export interface SessionsOptions {
  store: Store;
  sessionCache: SessionCache;
  events: EventLog;
  runs: AllRuns;
  models: ModelCatalog;
  approvals: ApprovalDesk;
  compactor: Compactor;
  clock: Clock;
  /** Folders a session may work in. */
  workspaces: Workspaces;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { store, sessionCache, events, runs, models, approvals, clock } = options;

  /** Stores it and tells. `not_found` when the session went meanwhile. */
  const save = async (key: string, change: SessionChange): Promise<StoredSession> => {
    const { sessions } = await store.commit({ sessions: [change] });
    // Nothing was changed: says that it is not there.
    const session = sessions[0] ?? (await sessionCache.get(key));
    events.tell({ type: "session.changed", session: toldSession(session) });
    return session;
  };

  const change = async (key: string, patch: SessionPatch): Promise<StoredSession> => {
    await sessionCache.get(key);
    return save(key, { key, patch: { ...patch, updatedAt: isoTime(clock.now()) } });
  };

  const create: Sessions["create"] = async (given) => {
    const workspace = toWorkspace(given.workspace, options.workspaces);
    if (given.parentKey !== undefined) await sessionCache.get(given.parentKey);
    if (given.key !== undefined) {
      const there = await store.getSession(given.key);
      if (there) return sessionCache.get(given.key);
    }
    const model = given.model === undefined ? undefined : await models.resolve(given.model);
    const made = sessionCache.make({ ...given, workspace, model });
    return save(made.key, { put: made });
  };

  /** The session that a message goes to, and what it changes in it or makes of it. */
  const target = async (request: SendRequest): Promise<{ key: string; changes: SessionChange[] }> => {
    if (request.sessionKey !== undefined) {
      const session = await sessionCache.get(request.sessionKey);
      return { key: session.key, changes: titled(session, request) };
    }
    const { parentKey, model } = request;
    const parent = parentKey === undefined ? undefined : await sessionCache.get(parentKey);
    const workspace = request.workspace === undefined && parent ? (parent.workspace ?? null) : request.workspace;
    const made = sessionCache.make({
      title: request.label ?? request.text,
      parentKey,
      workspace,
      model: model && (await models.resolve(model)),
    });
    return { key: made.key, changes: [{ put: made }] };
  };

  /** One that was made without a title is called after the first thing said in it. */
  const titled = ({ key, title, kind }: StoredSession, { text, asEvent }: SendRequest): SessionChange[] =>
    title || kind !== "isolated" || asEvent ? [] : [{ key, patch: { title: toTitle(text) } }];

  const removeAll = async (key: string): Promise<void> => {
    const { sessions: children } = await store.listSessions({ parentKey: key, limit: 500 });
    for (const child of children) await removeAll(child.key);
    await runs.cancelAll(key);
    approvals.forget(key);
    await runs.between(key, () => store.deleteSession(key));
    events.tell({ type: "session.deleted", sessionKey: key });
  };

  const reset = async (key: string): Promise<StoredSession> => {
    await sessionCache.get(key);
    await runs.cancelAll(key);
    approvals.forget(key);
    await runs.between(key, () => store.clearSession(key));
    return change(key, {
      summarySeq: null,
      trimmedSeq: null,
      state: "idle",
      usage: NO_USAGE,
      messageCount: 0,
      contextTokens: 0,
    });
  };

  return {
    async send(given, kept): Promise<Run> {
      for (const attachment of given.attachments ?? []) checkAttachment(attachment);
      const request = { ...given, workspace: toWorkspace(given.workspace, options.workspaces) };
      // Resolved before a session is made, so that a bad request leaves nothing behind.
      const wanted =
        request.model ??
        (request.sessionKey === undefined ? undefined : (await sessionCache.get(request.sessionKey)).model);
      const model = await models.resolve(wanted);
      const { key, changes } = await target(request);
      return runs.submit(
        {
          sessionKey: key,
          origin: request.origin,
          input: toInput(request),
          model,
          timeoutMs: request.timeoutMs,
          budgetUsd: request.budgetUsd,
          budgetTokens: request.budgetTokens,
          grants: request.grants,
          attended: request.attended,
        },
        changes,
        kept,
      );
    },
    create,
    get: (key) => sessionCache.get(key),
    list: (query) => store.listSessions(query),
    async history(key, { limit, before, includeTools }) {
      await sessionCache.get(key);
      const roles = includeTools ? undefined : (["user", "assistant"] as const).slice();
      const page = await store.listMessages(key, { limit, before, roles });
      const newest = before === undefined ? page.messages.at(-1) : undefined;
      return { ...page, lastEventId: newest?.id ?? (before === undefined ? 0 : events.lastId()) };
    },
    async status(key): Promise<SessionStatus> {
      const session = await sessionCache.get(key);
      const model = await models.resolve(session.model);
      const windowTokens = (await models.info(model))?.windowTokens ?? null;
      const unfinished = await runs.unfinished(key);
      const counts = await store.countRuns(key);
      const { sessions: subagents } = await store.listSessions({ parentKey: key, limit: 50 });
      return {
        session,
        model,
        context: {
          usedTokens: session.contextTokens,
          windowTokens,
          percent: windowTokens === null ? null : Math.round((session.contextTokens / windowTokens) * 1000) / 10,
        },
        runs: {
          ...counts,
          active: unfinished.filter((run) => run.state === "running").length,
          queued: unfinished.filter((run) => run.state === "queued").length,
        },
        subagents,
      };
    },
    async update(key, patch) {
      const model = patch.model == null ? patch.model : await models.resolve(patch.model);
      return change(key, {
        ...(patch.title === undefined ? {} : { title: patch.title === null ? null : toTitle(patch.title) }),
        ...(model === undefined ? {} : { model }),
      });
    },
    reset,
    async delete(key) {
      await sessionCache.get(key);
      if (key === MAIN) await reset(key);
      else await removeAll(key);
    },
    async fork(key, { title, uptoSeq }) {
      const source = await sessionCache.get(key);
      const history = (await readHistory(store, key)).filter(({ seq }) => uptoSeq === undefined || seq <= uptoSeq);
      const { messages, marks } = copyHistory(source, history);
      const copy = sessionCache.make({
        title: title ?? `${source.title ?? key} (fork)`,
        workspace: source.workspace ?? null,
        model: source.model,
        parentKey: source.parentKey,
      });
      const facts: RunFact[] = messages.map((message) => ({ type: "message", message }));
      const isWhole = history.length === messages.length && uptoSeq === undefined;
      const session: StoredSession = {
        ...copy,
        ...marks,
        messageCount: facts.length,
        contextTokens: isWhole ? source.contextTokens : 0,
      };
      await events.commit({
        sessions: [{ put: session }],
        facts: [{ source: { runId: newId("fork"), sessionKey: copy.key }, facts }],
      });
      events.tell({ type: "session.changed", session: toldSession(session) });
      if (isWhole) return session;
      const contextTokens = estimateTokens(await readContext(store, session));
      return change(copy.key, { contextTokens });
    },
    async compact(key) {
      const session = await sessionCache.get(key);
      if ((await runs.unfinished(key)).length > 0)
        throw new AppError("conflict", `StoredSession ${key} is at work; compact it when it is idle`);
      const { compacted, usedTokensAfter } = await runs.between(key, () => options.compactor.compact(session));
      return {
        session: await sessionCache.get(key),
        compacted,
        usedTokensBefore: session.contextTokens,
        usedTokensAfter,
      };
    },
    async abort(key) {
      await sessionCache.get(key);
      return runs.cancelAll(key);
    },
  };
}

function toInput(request: SendRequest) {
  if (request.asEvent)
    return { role: "system" as const, kind: "event" as const, text: request.text, origin: request.origin };
  return {
    role: "user" as const,
    text: request.text,
    origin: request.origin,
    ...(request.attachments?.length ? { attachments: request.attachments } : {}),
  };
}

/** The folder as it is listed; bad_request when it is none of those. */
function toWorkspace(folder: string | null | undefined, workspaces: Workspaces): string | null | undefined {
  if (folder === undefined || folder === null) return folder;
  const found = workspaces.find(folder);
  if (found !== undefined) return found;
  throw new AppError(
    "bad_request",
    `The folder ${JSON.stringify(folder)} is not one this gateway works in. It may be: ${workspaces.list().join(", ") || "none is open"}.`,
  );
}
