import { createHash } from "node:crypto";
import { type Clock, isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { SendRequest } from "../../protocol/run.ts";
import type { Asked, CachedResponse, ResponseCache } from "../services/responseService.ts";
import type { Run } from "../services/submittedRun.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import type { SettingsNow } from "../ports/settings.ts";
import type { Store } from "../ports/store.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import { childTools } from "./agents.ts";

export interface ResponseCacheOptions {
  store: Store;
  sessionRepository: SessionRepository;
  models: ModelCatalog;
  settings: SettingsNow;
  clock: Clock;
  log: Log;
}

export function createResponseCache(options: ResponseCacheOptions): ResponseCache {
  const { store, clock, log } = options;
  // Of each request the one that asks, until its answer is kept.
  const underWay = new Map<string, Promise<Asked>>();

  const find = async (key: string, request: SendRequest, ttlMs: number): Promise<CachedResponse | undefined> => {
    const stored = await store.getAnswer(key);
    if (!stored?.answer || clock.now() - Date.parse(stored.createdAt) > ttlMs) return undefined;
    const found = stored.answer.body as CachedResponse;
    // What was erased with its session's history is not told any more. A session of its own may be gone: that was asked for.
    if (request.sessionKey !== undefined && !(await store.getRun(found.runId))) return undefined;
    return found;
  };

  const keep = async (key: string, run: Run): Promise<CachedResponse | undefined> => {
    const outcome = await run.end;
    const record = outcome.type === "done" ? await store.getRun(run.id) : undefined;
    if (outcome.type !== "done" || !record) return undefined;
    const model = record.answeredBy ?? record.model;
    const { reply, result } = outcome;
    const body: CachedResponse = { runId: run.id, sessionKey: run.sessionKey, reply, ...defined({ result }), model };
    await store.putAnswer({ key, digest: "", answer: { status: 200, body }, createdAt: isoTime(clock.now()) });
    return body;
  };

  const begin = async (key: string, request: SendRequest, ttlMs: number, ask: () => Promise<Run>): Promise<Asked> => {
    const found = await find(key, request, ttlMs);
    if (found) return { found };
    const run = await ask();
    const stored = keep(key, run).catch((error: unknown) => {
      log.warn("An answer could not be kept", { runId: run.id, error: describeError(error) });
      return undefined;
    });
    return { run, stored, isOwn: true };
  };

  return {
    async ask(request, ttlMs, ask) {
      const key = await nameOf(request, options);
      for (let other = underWay.get(key); other; other = underWay.get(key)) {
        const asked = await other.catch(() => undefined);
        if (asked && "run" in asked) return { ...asked, isOwn: false };
      }
      const own = begin(key, request, ttlMs, ask);
      underWay.set(key, own);
      const done = () => void underWay.delete(key);
      void own.then((asked) => ("run" in asked ? asked.stored.then(done) : done()), done);
      return own;
    },
  };
}

/**
 * Two requests with the same name ask the same model the same thing, with the same instructions, tools and rights, of the
 * same session or of a new one. What was said in that session before is not part of it.
 */
async function nameOf(
  request: SendRequest,
  { sessionRepository, models, settings }: ResponseCacheOptions,
): Promise<string> {
  const { text, prompt, attachments, sessionKey, parentKey, workspace, model, form } = request;
  const session = sessionKey === undefined ? undefined : await sessionRepository.get(sessionKey);
  const parent = session || parentKey === undefined ? undefined : await sessionRepository.get(parentKey);
  const folder = workspace === undefined ? (session ?? parent)?.workspace : workspace;
  const { instructions, tools } = settings(folder ?? undefined);
  const asked = [
    await models.resolve(model ?? session?.model),
    prompt?.text ?? text,
    attachments,
    sessionKey,
    parentKey,
    folder,
    instructions,
    tools,
    form?.schema,
    partOf(request, session, parent),
  ];
  // A space apart from idempotency keys, which begin with who sent them.
  return `response ${createHash("sha256")
    .update(JSON.stringify(asked.map((part) => part ?? null)))
    .digest("hex")}`;
}

/** What the one who answers is, and may do. */
function partOf(
  { agent, tools, grants, within, attended, clientTools, sampling, worktree, plan }: SendRequest,
  session: StoredSession | undefined,
  parent: StoredSession | undefined,
): object {
  return {
    agent: session ? session.agent : agent,
    tools: session ? session.tools : childTools(parent, tools),
    effort: session?.effort,
    // A plan is no answer to who wants it done.
    plan: (plan ?? false) || session?.mode?.is === "plan",
    ...{ grants, within, attended, clientTools, sampling, worktree },
  };
}
