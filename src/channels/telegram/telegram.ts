import { AppError } from "../../base/appError.ts";
import { cutText } from "../../base/cutText.ts";
import { isTextType } from "../../base/attachments/mediaType.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { Channel, FileRef, Part, Sent } from "../channel.ts";
import { type BotApi, BotFault, createBotApi, MAX_FILE_BYTES } from "./botApi.ts";
import { cutAnswer, MAX_TEXT } from "./cutAnswer.ts";
import { type Bot, readUpdate, type TelegramUpdate } from "./readUpdate.ts";

export interface TelegramOptions {
  token: string;
  /** Address of the Bot API; Telegram's own by default. */
  apiRoot?: string | undefined;
  /** How long one call waits for messages. */
  pollSeconds?: number;
}

const API_ROOT = "https://api.telegram.org";
const POLL_SECONDS = 25;
const WANTED = ["message", "edited_message", "callback_query"];
// Longer waits are told to nobody's benefit.
const LONGEST_WAIT_MS = 3_600_000;
const MAX_CAPTION = 1024;

/** Telegram, by long polling of its Bot API. `bad_request` for what is no token. */
export function openTelegram({ token, apiRoot = API_ROOT, pollSeconds = POLL_SECONDS }: TelegramOptions): Channel {
  const api = createBotApi({ token, apiRoot });
  let bot: Bot | undefined;
  return {
    id: "telegram",
    async account(signal) {
      bot = await asking(api.call<Bot>("getMe", {}, { signal }));
      return { id: String(bot.id), name: `@${bot.username}` };
    },
    async receive(cursor, signal) {
      const me = bot!;
      const params = {
        timeout: pollSeconds,
        allowed_updates: WANTED,
        ...(cursor === undefined ? {} : { offset: cursor }),
      };
      const timeoutMs = pollSeconds * 1000 + 15_000;
      const got = await asking(api.call<TelegramUpdate[]>("getUpdates", params, { signal, timeoutMs }));
      const updates = got.map((one) => readUpdate(one, me)).toSorted((a, b) => a.id - b.id);
      const last = updates.at(-1);
      return { updates, cursor: last ? Math.max(last.id + 1, cursor ?? 0) : cursor };
    },
    cut: cutAnswer,
    send: (place, part, signal) => send(api, place, part, signal),
    show: {
      typing: (place) => quietly(api.call("sendChatAction", { ...target(place), action: "typing" })),
      seen: (place, messageId) =>
        quietly(
          api.call("setMessageReaction", {
            chat_id: target(place).chat_id,
            message_id: Number(messageId),
            reaction: [{ type: "emoji", emoji: "👀" }],
          }),
        ),
      async draft(place, text) {
        const params = { ...target(place), text: cutText(text, MAX_TEXT), disable_notification: true, ...NO_PREVIEW };
        return String((await asking(api.call<{ message_id: number }>("sendMessage", params))).message_id);
      },
      edit: (place, messageId, text) =>
        quietly(
          api.call("editMessageText", {
            chat_id: target(place).chat_id,
            message_id: Number(messageId),
            text: cutText(text, MAX_TEXT),
            ...NO_PREVIEW,
          }),
        ),
      remove: (place, messageId) =>
        quietly(api.call("deleteMessage", { chat_id: target(place).chat_id, message_id: Number(messageId) })),
      pressed: (pressId, text) =>
        quietly(api.call("answerCallbackQuery", { callback_query_id: pressId, text: cutText(text, 200) })),
    },
    fetchFile: (file, signal) => fetchFile(api, file, signal),
  };
}

// Telegram's servers would open each link that a model writes.
const NO_PREVIEW = { link_preview_options: { is_disabled: true } };

/** "-100123:45" as a chat and its topic. */
function target(place: string): { chat_id: number; message_thread_id?: number } {
  const [chat = "", topic] = place.split(":");
  return { chat_id: Number(chat), ...(topic === undefined ? {} : { message_thread_id: Number(topic) }) };
}

async function send(api: BotApi, place: string, part: Part, signal: AbortSignal): Promise<Sent> {
  const { method, params, file } = toCall(place, part);
  try {
    const { message_id: id } = await api.call<{ message_id: number }>(method, params, {
      signal,
      ...(file ? { file } : {}),
    });
    return { is: "sent", as: String(id) };
  } catch (error) {
    if (!(error instanceof BotFault)) throw error;
    return toSent(error, place, part);
  }
}

function toCall(place: string, part: Part) {
  const to = target(place);
  if (part.kind === "file") {
    const { name, mediaType, data, caption } = part;
    const isPicture = /^image\/(jpeg|png)$/.test(mediaType);
    const field = isPicture ? "photo" : "document";
    return {
      method: isPicture ? "sendPhoto" : "sendDocument",
      params: { ...to, ...(caption === undefined ? {} : { caption: cutText(caption, MAX_CAPTION) }) },
      file: { field, name, mediaType, data: Buffer.from(data, "base64") },
    };
  }
  const { text, marked, buttons } = part;
  const keyboard = buttons?.map((row) => row.map(({ label, data }) => ({ text: label, callback_data: data })));
  return {
    method: "sendMessage",
    params: {
      ...to,
      text: marked ?? text,
      ...(marked === undefined ? {} : { parse_mode: "HTML" }),
      ...(keyboard ? { reply_markup: { inline_keyboard: keyboard } } : {}),
      ...NO_PREVIEW,
    },
  };
}

/** What a refusal means for a message: whether it can be sent in another way, later, or not at all. */
function toSent(fault: BotFault, place: string, part: Part): Sent {
  const { message: why, status, retryAfterMs, movedTo, isDoubtful } = fault;
  if (status === 0 && !isDoubtful) return { is: "later", ms: 0, why };
  if (status === 401 || status === 404) throw refusedToken(why);
  if (status === 429) return { is: "later", ms: Math.min(retryAfterMs ?? 1000, LONGEST_WAIT_MS), why };
  if (isDoubtful) return { is: "doubtful", why };
  if (movedTo !== undefined) return { is: "other", place: movedTo, why };
  if (part.kind === "text" && part.marked !== undefined && /parse entities/i.test(why)) {
    const { marked: _, ...plain } = part;
    return { is: "other", part: plain, why };
  }
  if (/thread not found/i.test(why) && place.includes(":")) return { is: "other", place: place.split(":")[0]!, why };
  return { is: "refused", why };
}

function refusedToken(why: string): AppError {
  return new AppError("unauthorized", `${why}. The bot's token in channels.telegram.token does not count (any more)`);
}

/** A call that nothing goes on without, with what its fault means for the channel. */
async function asking<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof BotFault)) throw error;
    const { message, status, retryAfterMs } = error;
    if (status === 401 || status === 404) throw refusedToken(message);
    if (status === 409)
      throw new AppError(
        "conflict",
        `${message}. Another program takes this bot's messages, or a webhook is set for it`,
      );
    if (status === 429) throw new AppError("rate_limited", message, { retryAfterMs: retryAfterMs ?? 1000 });
    throw new AppError("unavailable", message);
  }
}

async function quietly(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof BotFault)) throw error;
  }
}

async function fetchFile(api: BotApi, file: FileRef, signal: AbortSignal): Promise<Attachment> {
  const { id, name, mediaType, bytes = 0 } = file;
  if (bytes > MAX_FILE_BYTES)
    throw new AppError(
      "payload_too_large",
      `${name} has ${Math.ceil(bytes / 1e6)} MB; Telegram gives bots 20 MB at most`,
    );
  const { file_path: path = "" } = await asking(
    api.call<{ file_path?: string }>("getFile", { file_id: id }, { signal }),
  );
  const data = await asking(api.download(path, signal));
  return { name, mediaType, data: isTextType(mediaType) ? data.toString("utf8") : data.toString("base64") };
}
