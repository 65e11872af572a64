import { defined } from "../../../base/defined.ts";
import * as z from "zod";
import { answered } from "../../calls/answered.ts";
import { defineRoute } from "../../calls/route.ts";
import { effortShape } from "../../../protocol/context/agentPart.ts";
import { modelId } from "../../../protocol/model.ts";
import { sessionKey, sessionShape, sessionKindShape, sessionKeyOrMain } from "../../../protocol/session.ts";
import { toldSession } from "../../../core/state/toldSession.ts";
import { historyMessageShape } from "../../../protocol/message.ts";
import { toMessage } from "../../calls/toMessage.ts";
import type { Core } from "../../../core/core.ts";
import type { StoredSession } from "../../../core/ports/storedSession.ts";

export const sessionsCreate = defineRoute({
  name: "sessions.create",
  verb: "POST",
  scope: "write",
  summary: "Makes an empty isolated session.",
  input: z.strictObject({
    title: z.string().regex(/\S/, "Expected a title").max(200).optional(),
    model: modelId.optional(),
    workspace: z
      .string()
      .min(1)
      .max(4096)
      .nullable()
      .optional()
      .describe("Folder that tools work in; null for none. By default the gateway's first."),
    parentSessionKey: sessionKey.optional(),
  }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { parentSessionKey, ...input }, { keep }) {
    const wanted = { ...input, parentKey: parentSessionKey };
    return answered(keep, told, (kept) => core.sessions.create(wanted, kept));
  },
});

function told(session: StoredSession) {
  return { sessionKey: session.key, session: toldSession(session) };
}

export const sessionsList = defineRoute({
  name: "sessions.list",
  verb: "GET",
  scope: "read",
  phone: "read",
  summary: "Lists sessions, newest first.",
  input: z.strictObject({
    kinds: z.array(sessionKindShape).optional(),
    limit: z.int().min(1).max(500).default(50),
    messageLimit: z.int().min(0).max(50).default(0).describe("Newest messages told with each session."),
    cursor: z.string().min(1).max(500).optional().describe("`nextCursor` of the page before."),
    search: z.string().max(200).optional().describe("Matches title, key and message text."),
    pinned: z.boolean().optional().describe("Only those that are, or are not; all by default."),
    archived: z.boolean().optional().describe("Only those that are, or are not; all by default."),
  }),
  output: z.strictObject({
    count: z.int(),
    sessions: z.array(sessionShape.extend({ messages: z.array(historyMessageShape).optional() })),
    nextCursor: z.string().optional(),
  }),
  async handle(core, { kinds, messageLimit, search, limit, ...input }) {
    const page = await core.sessions.list({
      limit,
      ...defined(input),
      ...(kinds?.length ? { kinds } : {}),
      ...defined({ search: search || undefined }),
    });
    const sessions = await Promise.all(page.sessions.map((session) => withMessages(core, session, messageLimit)));
    return {
      count: sessions.length,
      sessions,
      ...defined({ nextCursor: page.nextCursor }),
    };
  },
});

async function withMessages(core: Core, session: StoredSession, limit: number) {
  if (limit === 0) return toldSession(session);
  const { messages } = await core.sessions.history(session.key, { limit, includeTools: false });
  return { ...toldSession(session), messages: messages.map((message) => toMessage(message, false)) };
}

export const sessionsHistory = defineRoute({
  name: "sessions.history",
  verb: "GET",
  scope: "read",
  phone: "read",
  summary: "The newest messages of a session, oldest first.",
  input: z.strictObject({
    sessionKey: sessionKeyOrMain,
    limit: z.int().min(1).max(1000).default(50),
    includeTools: z.boolean().default(false).describe("Also tool calls, their results and system events."),
    before: z.int().min(0).optional().describe("Only messages with a lower seq: the page before."),
  }),
  output: z.strictObject({
    sessionKey: z.string(),
    messages: z.array(historyMessageShape),
    hasMore: z.boolean(),
    lastEventId: z.int().min(0).describe("Subscribing after this id tells all that is not in `messages`."),
  }),
  async handle(core, { sessionKey, limit, includeTools, before }) {
    const history = await core.sessions.history(sessionKey, {
      limit,
      includeTools,
      ...defined({ before }),
    });
    return {
      sessionKey,
      messages: history.messages.map((message) => toMessage(message, includeTools)),
      hasMore: history.hasMore,
      lastEventId: history.lastEventId,
    };
  },
});

export const sessionsUpdate = defineRoute({
  name: "sessions.update",
  verb: "POST",
  scope: "write",
  summary: "Changes a session's title, model and effort (null takes away what was set), pins and archives it.",
  input: z.strictObject({
    sessionKey,
    title: z.string().regex(/\S/, "Expected a title").max(200).nullable().optional(),
    model: modelId.nullable().optional(),
    effort: effortShape
      .nullable()
      .optional()
      .describe("How long its model thinks, where it can be told; null: as the model does by itself."),
    pinned: z.boolean().optional(),
    archived: z.boolean().optional().describe("The next run in it takes it back."),
  }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { sessionKey, ...fields }, { keep }) {
    return answered(keep, told, (kept) => core.sessions.update(sessionKey, defined(fields), kept));
  },
});

export const sessionsRename = defineRoute({
  name: "sessions.rename",
  verb: "POST",
  scope: "write",
  summary: "Gives a session a title; null: again the one that it had by itself.",
  input: z.strictObject({ sessionKey, title: z.string().regex(/\S/, "Expected a title").max(200).nullable() }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { sessionKey, title }, { keep }) {
    return answered(keep, told, (kept) => core.sessions.update(sessionKey, { title }, kept));
  },
});

export const sessionsReset = defineRoute({
  name: "sessions.reset",
  verb: "POST",
  scope: "write",
  summary: "Cancels a session's runs and removes its history; the session stays.",
  input: z.strictObject({ sessionKey }),
  output: z.strictObject({ sessionKey: z.string(), session: sessionShape }),
  async handle(core, { sessionKey }, { keep }) {
    return answered(keep, told, (kept) => core.sessions.reset(sessionKey, kept));
  },
});

export const sessionsFork = defineRoute({
  name: "sessions.fork",
  verb: "POST",
  scope: "write",
  summary: "Makes a new session with a copy of the messages; the answer's `sessionKey` is the new one's.",
  input: z.strictObject({
    sessionKey,
    title: z.string().regex(/\S/, "Expected a title").max(200).optional(),
    uptoSeq: z.int().min(0).optional().describe("The last message to copy; all by default."),
  }),
  output: z.strictObject({ sessionKey: z.string(), forkedFrom: z.string(), session: sessionShape }),
  async handle(core, { sessionKey, ...options }, { keep }) {
    const toForked = (session: StoredSession) => ({ ...told(session), forkedFrom: sessionKey });
    return answered(keep, toForked, (kept) => core.sessions.fork(sessionKey, options, kept));
  },
});

export const sessionsCompact = defineRoute({
  name: "sessions.compact",
  verb: "POST",
  scope: "write",
  summary:
    "Replaces the older history by a summary in what the model sees; the messages stay. 409 while the session is at work, or when it is stopped.",
  input: z.strictObject({ sessionKey }),
  output: z.strictObject({
    sessionKey: z.string(),
    compacted: z.boolean(),
    usedTokensBefore: z.number(),
    usedTokensAfter: z.number(),
    session: sessionShape,
  }),
  async handle(core, { sessionKey }, { origin }) {
    const { session, compacted, usedTokensBefore, usedTokensAfter } = await core.sessions.compact(sessionKey, origin);
    return { sessionKey, compacted, usedTokensBefore, usedTokensAfter, session: toldSession(session) };
  },
});

export const sessionsAbort = defineRoute({
  name: "sessions.abort",
  verb: "POST",
  scope: "write",
  summary: "Cancels a session's active and queued runs, and its compaction.",
  input: z.strictObject({
    sessionKey,
    only: z.literal("compaction").optional().describe("Leaves the runs alone, and those that wait behind it."),
  }),
  output: z.strictObject({
    sessionKey: z.string(),
    aborted: z.int().describe("How many runs; a compaction counts as one."),
  }),
  async handle(core, { sessionKey, only }) {
    return { sessionKey, aborted: await core.sessions.abort(sessionKey, only) };
  },
});
