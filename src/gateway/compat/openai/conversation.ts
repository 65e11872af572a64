import { createHash } from "node:crypto";
import { AppError, isAppError } from "../../../base/appError.ts";
import type { Core } from "../../../core/core.ts";
import type { Origin } from "../../../protocol/message.ts";
import type { SendRequest } from "../../../protocol/run.ts";
import type { StoredSession } from "../../../core/ports/storedSession.ts";
import type { Content } from "./content.ts";

/** A turn of a conversation as the client tells it, with everything that went before. */
export interface Conversation {
  instructions: string[];
  /** Oldest first. */
  earlier: { role: string; text: string }[];
  /** What is to be answered. */
  message: Content;
}

export interface Target {
  /** "pincer", or "pincer/SESSION". */
  model: string;
  /** The client's name for one of its users or conversations, which has a session of its own. */
  user?: string | undefined;
  /** Of the answer that this one follows. */
  sessionKey?: string | undefined;
}

const NAMES = new Set(["pincer", "openclaw", "openclaw/default"]);

/** The request that goes to the session which is meant. A session that has a history is told only what is new. */
export async function toRequest(
  core: Core,
  { instructions, earlier, message }: Conversation,
  target: Target,
  origin: Origin,
): Promise<SendRequest> {
  const session = await findSession(core, target, origin);
  const request = { origin: { ...origin, via: "openai" as const }, ...attached(message) };
  if (session) {
    const isFresh = session.messageCount === 0 && session.state === "idle" && session.kind !== "main";
    const text = isFresh ? toText(instructions, earlier, message.text) : message.text;
    return { ...request, sessionKey: session.key, text };
  }
  return { ...request, text: toText(instructions, earlier, message.text), label: message.text };
}

/** Undefined: a new one is to be made. */
async function findSession(core: Core, target: Target, origin: Origin): Promise<StoredSession | undefined> {
  const { model, user } = target;
  if (!NAMES.has(model)) {
    const key = /^(?:pincer|openclaw)\/(.+)$/s.exec(model)?.[1];
    if (key === undefined)
      throw new AppError("bad_request", "Invalid `model`. Use `pincer` or `pincer/SESSION`.", {
        details: [{ path: "model", message: "Expected pincer or pincer/SESSION" }],
      });
    return core.sessions.get(key);
  }
  if (target.sessionKey !== undefined) return core.sessions.get(target.sessionKey);
  if (user === undefined || user === "") return undefined;
  // A namespace of its own, so that no client can name another one's session by its user.
  const digest = createHash("sha256")
    .update(JSON.stringify([origin.id, user]))
    .digest("hex");
  const key = `openai-${digest.slice(0, 24)}`;
  return core.sessions.get(key).catch((error: unknown) => {
    if (isAppError(error) && error.code === "not_found") return core.sessions.create({ key, title: user });
    throw error;
  });
}

function attached({ images }: Content): Pick<SendRequest, "attachments"> {
  return images.length > 0 ? { attachments: images } : {};
}

function toText(instructions: string[], earlier: Conversation["earlier"], text: string): string {
  const parts = [
    ...(instructions.length > 0 ? [`Instructions of this conversation:\n\n${instructions.join("\n\n")}`] : []),
    ...(earlier.length > 0
      ? [`The conversation so far:\n\n${earlier.map((turn) => `${turn.role}: ${turn.text}`).join("\n\n")}`]
      : []),
  ];
  return parts.length === 0 ? text : `${parts.join("\n\n")}\n\nThe message to answer:\n\n${text}`;
}
