import { createHash } from "node:crypto";
import { AppError, isAppError } from "../../../../base/appError.ts";
import { newId } from "../../../../base/id.ts";
import type { Core } from "../../../../core/core.ts";
import type { Origin } from "../../../../protocol/message.ts";
import { ONCE_KEYS, OPENAI_KEYS, toTitle } from "../../../../core/state/sessionRepository.ts";
import type { RunRecord, SendRequest } from "../../../../protocol/run.ts";
import type { StoredSession } from "../../../../core/ports/storedSession.ts";
import { toAnswers } from "./answeredCalls.ts";
import { badItem } from "./badItem.ts";
import { toBranch } from "./branch.ts";
import type { Conversation, Item } from "./items.ts";
import { areToldLast } from "./toldLast.ts";
import { attached, toInstructions, toldOnly, toText, wholeConversation } from "./toldConversation.ts";

export interface Target {
  /** "pincer", or "pincer/SESSION". */
  model: string;
  /** The client's name for one of its users or conversations, which has a session of its own. */
  user?: string | undefined;
  /** The run whose answer this one follows. */
  after?: RunRecord | undefined;
  /** Whether a session that is made for it stays when it has answered. */
  isKept: boolean;
  /** Told of a session that was made for the request before it is sent. */
  onMade?: (sessionKey: string) => void;
}

const NAMES = new Set(["pincer", "openclaw", "openclaw/default"]);

/** The session that a model's name names; null: the agent alone. Undefined for the name of something else. */
export function sessionOf(model: string): string | null | undefined {
  if (NAMES.has(model)) return null;
  return /^(?:pincer|openclaw)\/(.+)$/s.exec(model)?.[1];
}

/**
 * The request that goes to the session which is meant. One that has a history is told only what is new; results of calls
 * go to the session that made them.
 */
export async function toRequest(
  core: Core,
  conversation: Conversation,
  target: Target,
  origin: Origin,
): Promise<SendRequest> {
  const { items, path } = conversation;
  const from = { origin: { ...origin, via: "openai" as const } };
  const session = await findSession(core, target, origin);
  const answered = await toAnswers(core, conversation, origin);
  // A client that tells all of it need not find its session as it was: it goes on in a fresh one.
  const isTold = answered && !answered.isAwaited && !session;
  if (answered && !isTold) {
    // Before a run of it fails in its session.
    if (!answered.isAwaited)
      throw new AppError(
        "conflict",
        `Session ${answered.sessionKey} does not wait for these results: they were given before, or it has gone on without them`,
      );
    if (session && session.key !== answered.sessionKey && session.messageCount > 0)
      throw badItem(path, `The calls were made in session ${answered.sessionKey}, not in ${session.key}`);
    const { sessionKey, answers, said } = answered;
    const instructions = await newInstructions(core, sessionKey, items);
    // Instructions alone are no message: the model reads them as the client's, before what follows.
    const text = instructions === "" ? said.text : toText(instructions, "", said.text || "(Go on.)");
    return { ...from, sessionKey, answers, text, ...attached(said.attachments) };
  }
  const message = items.findLast((item) => item.kind === "said" && item.role === "user");
  const words = message?.kind === "said" ? message.content : undefined;
  if (words?.text.trim() === "" && words.attachments.length === 0)
    throw badItem(path, `Missing user message in \`${path}\`: the last one is empty.`);
  const isFresh = session?.messageCount === 0 && session.state === "idle" && session.kind !== "main";
  if (!session || isFresh) {
    const place = session ? { sessionKey: session.key } : { newKey: newKey(target) };
    return {
      ...from,
      ...place,
      ...wholeConversation(items),
      ...(session ? {} : { label: toTitle(words?.text || "Results") }),
    };
  }
  const last = items.findLast(({ kind }) => kind !== "instruction");
  if (last?.kind === "result")
    throw badItem(path, `Session ${session.key} does not wait for these results: its calls have other ids`);
  const { after, model } = target;
  // One that is named goes on as it is.
  const sessionKey = after && NAMES.has(model) ? await toBranch(core, after, newKey(target)) : session.key;
  if (sessionKey !== session.key) target.onMade?.(sessionKey);
  const told = toldOnly(newItems(items, target), await newInstructions(core, sessionKey, items));
  return { ...from, sessionKey, ...told };
}

/** What a session that has the rest was not told yet: all that follows the answer that is named, or else the last one that is told. */
function newItems(items: Item[], { after }: Target): Item[] {
  if (after) return items;
  return items.slice(items.findLastIndex((item) => item.kind === "said" && item.role === "assistant") + 1);
}

function newKey({ isKept }: Target): string {
  return (isKept ? OPENAI_KEYS : ONCE_KEYS) + newId("").slice(1);
}

/** Undefined: a new one is to be made. */
async function findSession(core: Core, target: Target, origin: Origin): Promise<StoredSession | undefined> {
  const { model, user } = target;
  const named = sessionOf(model);
  if (named === undefined)
    throw new AppError("bad_request", "Invalid `model`. Use `pincer` or `pincer/SESSION`.", {
      details: [{ path: "model", message: "Expected pincer or pincer/SESSION" }],
    });
  if (named !== null) return core.sessions.get(named);
  if (target.after !== undefined) return core.sessions.get(target.after.sessionKey);
  if (user === undefined || user === "") return undefined;
  // A namespace of its own, so that no client can name another one's session by its user.
  const digest = createHash("sha256")
    .update(JSON.stringify([origin.id, user]))
    .digest("hex");
  const key = `${OPENAI_KEYS}${digest.slice(0, 24)}`;
  return core.sessions.get(key).catch((error: unknown) => {
    if (isAppError(error) && error.code === "not_found") return core.sessions.create({ key, title: user });
    throw error;
  });
}

/** The instructions that a session was not told last; empty when it was. */
async function newInstructions(core: Core, key: string, items: Item[]): Promise<string> {
  const asked = toInstructions(items);
  return (await areToldLast(core.store, key, asked)) ? "" : asked;
}
