import { createHash } from "node:crypto";
import { AppError, isAppError } from "../../../base/appError.ts";
import { newId } from "../../../base/id.ts";
import type { Core } from "../../../core/core.ts";
import type { Attachment, Origin } from "../../../protocol/message.ts";
import { OPENAI_KEYS } from "../../../core/state/sessionRepository.ts";
import type { SendRequest } from "../../../protocol/run.ts";
import type { StoredSession } from "../../../core/ports/storedSession.ts";
import type { Content } from "./content.ts";

/** A turn of a conversation as the client tells it, with everything that went before. */
export interface Conversation {
  instructions: string[];
  /** Oldest first. */
  earlier: { role: string; content: Content }[];
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
const INSTRUCTIONS = "Instructions of this conversation:\n\n";
const LOOKED_BACK = 200;

/** `bad_request` where something of `role` follows the user's last message: it would not be read. */
export function refuseAfterUser(role: string | undefined, path: "messages" | "input"): void {
  if (role === undefined) return;
  const message = `\`${path}\` must end with the user's message: what follows it (${role}) would not be read.`;
  throw new AppError("bad_request", message, { details: [{ path, message }] });
}

/** The request that goes to the session which is meant. A session that has a history is told only what is new. */
export async function toRequest(
  core: Core,
  conversation: Conversation,
  target: Target,
  origin: Origin,
): Promise<SendRequest> {
  const { instructions, message } = conversation;
  const session = await findSession(core, target, origin);
  const from = { origin: { ...origin, via: "openai" as const } };
  const isFresh = session?.messageCount === 0 && session.state === "idle" && session.kind !== "main";
  if (!session || isFresh) {
    const whole = withEarlier(conversation);
    const place = session ? { sessionKey: session.key } : { newKey: newId("openai").replace("_", "-") };
    return { ...from, ...place, ...whole, ...(session ? {} : { label: message.text }) };
  }
  const asked = toInstructions(instructions);
  const text = asked === (await lastInstructions(core, session.key)) ? message.text : toText(asked, "", message.text);
  return { ...from, ...attached(message.images), sessionKey: session.key, text };
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
  const key = `${OPENAI_KEYS}${digest.slice(0, 24)}`;
  return core.sessions.get(key).catch((error: unknown) => {
    if (isAppError(error) && error.code === "not_found") return core.sessions.create({ key, title: user });
    throw error;
  });
}

function attached(images: Attachment[]): Pick<SendRequest, "attachments"> {
  return images.length > 0 ? { attachments: images } : {};
}

/** All that was said before in one message, images too: each is named where it was shown. */
function withEarlier({ instructions, earlier, message }: Conversation): Pick<SendRequest, "text" | "attachments"> {
  const images: Attachment[] = [];
  const lines = earlier.map(({ role, content }) => {
    const names = content.images.map((image) => {
      const name = image.name.replace(/^image-\d+/, `image-${images.length + 1}`);
      images.push({ ...image, name });
      return `[${name}]`;
    });
    return `${role}: ${[content.text, ...names].filter(Boolean).join(" ")}`;
  });
  const last = message.images.map((image, index) => ({
    ...image,
    name: image.name.replace(/^image-\d+/, `image-${images.length + index + 1}`),
  }));
  const before = lines.length > 0 ? `The conversation so far:\n\n${lines.join("\n\n")}` : "";
  const text = toText(toInstructions(instructions), before, message.text);
  return { text, ...attached([...images, ...last]) };
}

function toInstructions(instructions: string[]): string {
  return instructions.length > 0 ? `${INSTRUCTIONS}${instructions.join("\n\n")}` : "";
}

const TO_ANSWER = "\n\nThe message to answer:\n\n";

function toText(instructions: string, before: string, text: string): string {
  const parts = [instructions, before].filter(Boolean);
  return parts.length === 0 ? text : `${parts.join("\n\n")}${TO_ANSWER}${text}`;
}

/** Those that were told to a session last, as they were told; empty when there were none. */
async function lastInstructions(core: Core, key: string): Promise<string> {
  const { messages } = await core.sessions.history(key, { limit: LOOKED_BACK, includeTools: false });
  const told = messages.findLast(({ role, text }) => role === "user" && text.startsWith(INSTRUCTIONS));
  return told?.text.split(/\n\nThe conversation so far:\n\n|\n\nThe message to answer:\n\n/, 1)[0] ?? "";
}
