import { createHash } from "node:crypto";
import type { AppError } from "../../base/appError.ts";
import type { Channel, Part, Sent } from "../channel.ts";
import type { FormFile } from "../multipart.ts";
import { MAX_CONTENT } from "./cutForDiscord.ts";
import { toBody } from "./discordMessage.ts";
import type { DiscordPlaces } from "./discordPlaces.ts";
import { DiscordFault, type DiscordRest } from "./discordRest.ts";
import { messageIdOf, TOO_OFTEN } from "./showInDiscord.ts";
import { escapeMarkdown } from "./toMarkdown.ts";
import { defined } from "../../base/defined.ts";

const MAX_NONCE = 25;
/** A thread that is gone, or that the bot may not look at or write in any more: archived, locked. */
const THREAD_CLOSED = new Set([10003, 50001, 50013, 50083, 160005]);

/** Sends messages, each once while Discord knows its nonce. */
export function sendToDiscord(
  rest: DiscordRest,
  places: DiscordPlaces,
  toRefused: (fault: DiscordFault) => AppError,
): Pick<Channel, "send" | "fits"> {
  return {
    fits: (title, shown) => escapeMarkdown(`${title}\n\n${shown}`).length <= MAX_CONTENT,
    async send(place, part, once, signal) {
      try {
        const { channel } = await places.target(place, signal).catch((error: unknown) => {
          throw error instanceof DiscordFault ? notSent(error) : error;
        });
        const { body, file } = toContent(part);
        const nonce = createHash("sha256").update(once).digest("base64url").slice(0, MAX_NONCE);
        const sent = await rest.call<unknown>({
          method: "POST",
          path: `/channels/${channel}/messages`,
          body: { ...body, nonce, enforce_nonce: true },
          signal,
          ...(file ? { file } : {}),
        });
        const as = messageIdOf(sent);
        return { is: "sent", ...defined({ as }) };
      } catch (error) {
        if (!(error instanceof DiscordFault)) throw error;
        if (error.status === 401) throw toRefused(error);
        return toSent(error, place, places);
      }
    },
  };
}

/** Where to write to could not be asked: nothing was sent. */
function notSent({ message, status, code, retryAfterMs, isDoubtful }: DiscordFault): DiscordFault {
  const more = { code, isDoubtful: false, ...defined({ retryAfterMs }) };
  return new DiscordFault(message, { status: isDoubtful ? 0 : status, ...more });
}

function toContent(part: Part): { body: Record<string, unknown>; file?: FormFile } {
  if (part.kind === "text") return { body: toBody(part) };
  const { name, mediaType, data, caption = "" } = part;
  return {
    body: { ...toBody({ text: caption }), attachments: [{ id: 0, filename: name }] },
    file: { field: "files[0]", name, mediaType, data },
  };
}

/** What a refusal means for a message: whether it can be sent later, or not at all. */
function toSent(fault: DiscordFault, place: string, places: Pick<DiscordPlaces, "isOpen">): Sent {
  const { message: why, status, code, retryAfterMs, isDoubtful } = fault;
  if (status === 0 && !isDoubtful) return { is: "later", ms: 0, why };
  if (status === 429 || code === TOO_OFTEN) return { is: "later", ms: retryAfterMs ?? 1000, why };
  if (isDoubtful) return { is: "doubtful", why };
  const [channel = "", thread] = place.split(":");
  // Whoever waits for it reads it there, and nobody who could not read the thread.
  if (thread !== undefined && THREAD_CLOSED.has(code) && places.isOpen(thread))
    return { is: "other", place: channel, why };
  return { is: "refused", why };
}
