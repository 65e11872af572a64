import { AppError } from "../../base/appError.ts";
import { checkAttachment } from "../../base/attachments/checkAttachment.ts";
import { defined } from "../../base/defined.ts";
import { readSchema } from "../../schema/readSchema.ts";
import type { RunPlace, SendRequest, Spawn } from "../../protocol/run.ts";
import { tokenOf } from "../permission/grantLists.ts";
import type { StoredWith, Run } from "../services/submittedRun.ts";
import type { SessionChange } from "../ports/batch.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { keysAbove } from "../state/keysAbove.ts";
import { type SessionRepository, toTitle } from "../state/sessionRepository.ts";
import { childTools } from "./agents.ts";
import type { SessionParts } from "./sessionParts.ts";
import { listedWorkspace } from "./workspaces.ts";

/** Puts the message and its queued run down in one transaction, with the session it makes or changes; then resolves. */
export async function sendMessage(parts: SessionParts, given: SendRequest, kept?: StoredWith): Promise<Run> {
  const { sessionRepository, models, runs, workspaces } = parts;
  for (const attachment of given.attachments ?? []) checkAttachment(attachment);
  if (given.form) readSchema(given.form.schema);
  const request = { ...given, workspace: listedWorkspace(given.workspace, workspaces) };
  const session = request.sessionKey === undefined ? undefined : await sessionRepository.get(request.sessionKey);
  // Resolved before a session is made, so that a bad request leaves nothing behind.
  const model = await models.resolve(request.model ?? session?.model);
  const { key, changes } = session
    ? { key: session.key, changes: titled(session, request) }
    : await newSession(parts, request, request.model && model);
  const place = await runPlace(request, sessionRepository);
  const plan = plans(request, session);
  if (session?.mode?.is === "plan" && request.accepts) {
    if (!request.accepts.endsMode)
      throw new AppError("forbidden", `Session ${key} may only plan, and who accepts may not change that`);
    changes.push({ key, patch: { mode: null } });
  }
  return runs.submit(
    {
      sessionKey: key,
      origin: request.origin,
      input: toInput(request),
      model,
      timeoutMs: request.timeoutMs,
      ...defined({ form: request.form, clientTools: request.clientTools, sampling: request.sampling }),
      ...defined({ answers: request.answers, metadata: request.metadata }),
      budgetUsd: request.budgetUsd,
      budgetTokens: request.budgetTokens,
      grants: request.grants,
      within: request.within,
      attended: request.attended,
      ...defined({ job: request.job, chargedTo: chargedTo(request) }),
      ...defined({ place, continues: request.continues }),
      // Taken in by a run that may do more, it would be done.
      ...defined({ plan, joins: request.plan || request.sentBy?.plan ? undefined : request.joins }),
      ...defined({ spawn: request.spawn ?? (await toSpawn(parts, request)) }),
    },
    changes,
    kept,
  );
}

/** Whether its run may only look: it was asked to, its session is, or who sends it may not do more. */
function plans({ plan, accepts, sentBy }: SendRequest, session: StoredSession | undefined): true | undefined {
  if (sentBy?.plan || plan) return true;
  return session?.mode?.is === "plan" && !accepts ? true : undefined;
}

/** The token whose budget a request uses. */
function chargedTo({ origin, sentBy, chargedTo: given }: SendRequest): string | undefined {
  return tokenOf(origin) ?? given ?? sentBy?.chargedTo;
}

/** Who is owed the result. */
async function toSpawn(
  { sessionRepository, models }: SessionParts,
  { parentKey, reports, sentBy }: SendRequest,
): Promise<Omit<Spawn, "id"> | undefined> {
  if (!reports || parentKey === undefined) return undefined;
  const model = sentBy?.model ?? (await models.resolve((await sessionRepository.get(parentKey)).model));
  if (reports.detached) return { to: parentKey, model, ...defined({ by: sentBy?.id }), detached: true };
  return { to: parentKey, model, ...defined({ by: sentBy?.id, under: sentBy?.spawn?.id }) };
}

/** The session that a message without one begins. */
async function newSession(
  { sessionRepository }: SessionParts,
  request: SendRequest,
  model: string | undefined,
): Promise<{ key: string; changes: SessionChange[] }> {
  const { parentKey } = request;
  const parent = parentKey === undefined ? undefined : await sessionRepository.get(parentKey);
  const workspace = request.workspace === undefined && parent ? (parent.workspace ?? null) : request.workspace;
  const made = sessionRepository.make({
    ...defined({ key: request.newKey }),
    title: request.label ?? toTitle(request.text),
    parentKey,
    workspace,
    model,
    ...defined({ tools: childTools(parent, request.tools), agent: request.agent }),
  });
  return { key: made.key, changes: [{ put: { ...made, ...defined({ cleanup: request.cleanup }) } }] };
}

/** One that was made without a title is called after the first thing said in it. */
function titled({ key, title, kind }: StoredSession, { text, asEvent }: SendRequest): SessionChange[] {
  return title || kind !== "isolated" || asEvent ? [] : [{ key, patch: { title: toTitle(text) } }];
}

function toInput(request: SendRequest) {
  // Results of calls are said by the client, and not by its user.
  if (request.asEvent || (request.answers && request.text === "" && !request.attachments?.length))
    return { role: "system" as const, kind: "event" as const, text: request.text, origin: request.origin };
  return {
    role: "user" as const,
    text: request.text,
    origin: request.origin,
    ...defined({ prompt: request.prompt, plan: request.accepts?.plan }),
    ...(request.attachments?.length ? { attachments: request.attachments } : {}),
  };
}

/** Where the run that a request makes stands in a tree of runs; undefined for one that begins a tree. */
async function runPlace(
  { sessionKey, parentKey, sentBy }: SendRequest,
  sessionRepository: SessionRepository,
): Promise<RunPlace | undefined> {
  const parent = sessionKey === undefined ? parentKey : undefined;
  if (parent === undefined && !sentBy) return undefined;
  return {
    chain: 0,
    ...(sentBy ? { root: sentBy.place?.root ?? sentBy.id, chain: (sentBy.place?.chain ?? 0) + 1 } : {}),
    ...(parent === undefined ? {} : await below(parent, sessionRepository)),
  };
}

/** The place of a new child in its tree of sessions. */
async function below(parentKey: string, sessionRepository: SessionRepository): Promise<{ top: string; depth: number }> {
  const above = await keysAbove(parentKey, sessionRepository);
  return { top: above.at(-1) ?? parentKey, depth: above.length + 1 };
}
