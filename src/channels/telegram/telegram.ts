import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { cutText } from "../../base/cutText.ts";
import type { ChannelAgent } from "../../core/ports/outside/channelAgent.ts";
import type { Channel, FileRef, Part, Sent } from "../channel.ts";
import { type BotApi, BotFault, createBotApi, MAX_FILE_BYTES } from "./botApi.ts";
import { isPhoto } from "./isPhoto.ts";
import { cutAnswer, MAX_TEXT } from "./cutAnswer.ts";
import { asking, refusedToken } from "./askTelegram.ts";
import { createPolling } from "./pollUpdates.ts";
import { createRegistration, type WebhookSettings } from "./registration.ts";
import { createWebhook } from "./telegramWebhook.ts";
import { type Bot, botShape } from "./telegramShapes.ts";

export interface TelegramOptions {
  token: string;
  /** Address of the Bot API; Telegram's own by default. */
  apiRoot?: string | undefined;
  /** How long one call waits for messages. */
  pollSeconds?: number;
  /** Where Telegram posts messages to; absent: it is asked for them. */
  webhook?: WebhookSettings | undefined;
  /** How often it is looked whether the webhook is its own still. */
  lookSeconds?: number;
  agent: Pick<ChannelAgent, "store" | "clock" | "channels" | "log">;
}

const API_ROOT = "https://api.telegram.org";
const POLL_SECONDS = 25;
const LOOK_SECONDS = 60;
// What is only for show holds up nothing for longer.
const SHOW_MS = 3000;
const MOST_FULL = 10_000;
const MAX_CAPTION = 1024;
// With its title, and what is escaped in both.
const MAX_ASKED = 3000;

/** Telegram, by long polling of its Bot API or by its webhook. `bad_request` for what is no token. */
export function openTelegram(options: TelegramOptions): Channel {
  const { token, apiRoot = API_ROOT, pollSeconds = POLL_SECONDS, lookSeconds = LOOK_SECONDS, agent } = options;
  const api = createBotApi({ token, apiRoot });
  const registration = createRegistration(api, agent);
  const polling = createPolling({ api, registration, pollSeconds });
  const webhook =
    options.webhook && createWebhook({ registration, polling, pollSeconds, lookSeconds, agent }, options.webhook);
  let bot: Bot | undefined;
  // Until when chats take nothing: what is only for show is left out then, or Telegram would make it longer.
  const full = new BoundedMap<string, number>(MOST_FULL);
  const note = (place: string, ms: number) => full.set(place.split(":")[0]!, agent.clock.steady() + ms);
  const show = async (place: string, method: string, params: Record<string, unknown>): Promise<Sent> => {
    if ((full.get(place.split(":")[0]!) ?? 0) > agent.clock.steady())
      return { is: "later", ms: 0, why: "the chat takes nothing for now" };
    try {
      return toShown(await api.call<unknown>(method, params, { timeoutMs: SHOW_MS }));
    } catch (error) {
      if (!(error instanceof BotFault)) throw error;
      if (error.status === 429) note(place, error.retryAfterMs ?? 1000);
      return toNotShown(error);
    }
  };
  const isSettled = async (shown: Promise<Sent>) => ["sent", "refused"].includes((await shown).is);
  return {
    id: "telegram",
    title: "Telegram",
    async account(signal) {
      const me = botShape.safeParse(await asking(api.call<unknown>("getMe", {}, { signal })));
      if (!me.success) throw new AppError("unavailable", "What answered getMe is not Telegram: it names no bot");
      bot = me.data;
      return { id: String(bot.id), name: `@${bot.username}` };
    },
    async deleteWebhook(signal) {
      await asking(api.call<unknown>("deleteWebhook", {}, { signal }));
    },
    receive: (cursor, signal) => (webhook ?? polling).receive(bot!, cursor, signal),
    ...(webhook && {
      close: webhook.close,
      leave: (signal: AbortSignal) => webhook.leave(bot, signal),
      standing: webhook.standing,
    }),
    cut: cutAnswer,
    fits: (_title, shown) => shown.length <= MAX_ASKED,
    async send(place, part, _once, signal) {
      const sent = await send(api, place, part, signal);
      if (sent.is === "later") note(place, sent.ms);
      return sent;
    },
    show: {
      typing: (place) => show(place, "sendChatAction", { ...target(place), action: "typing" }),
      seen: (place, messageId) =>
        show(place, "setMessageReaction", {
          ...message(place, messageId),
          reaction: [{ type: "emoji", emoji: "👀" }],
        }),
      draft: (place, text) =>
        show(place, "sendMessage", {
          ...target(place),
          text: cutText(text, MAX_TEXT),
          disable_notification: true,
          ...NO_PREVIEW,
        }),
      edit: (place, messageId, text) =>
        isSettled(
          show(place, "editMessageText", {
            ...message(place, messageId),
            text: cutText(text, MAX_TEXT),
            ...NO_PREVIEW,
          }),
        ),
      remove: (place, messageId) => isSettled(show(place, "deleteMessage", message(place, messageId))),
      pressed: (pressId, text) =>
        show("", "answerCallbackQuery", { callback_query_id: pressId, text: cutText(text, 200) }),
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
    return toShown(await api.call<unknown>(method, params, { signal, ...(file ? { file } : {}) }));
  } catch (error) {
    if (!(error instanceof BotFault)) throw error;
    return toSent(error, place, part);
  }
}

/** With the message's number, where what came back has one. */
function toShown(sent: unknown): Sent {
  const id = (sent as { message_id?: unknown } | null | undefined)?.message_id;
  return { is: "sent", ...(Number.isSafeInteger(id) ? { as: String(id) } : {}) };
}

/** What a fault means for what is only for show: whether it may be there, or can be later, or never. */
function toNotShown({ message: why, status, isDoubtful }: BotFault): Sent {
  if (isDoubtful) return { is: "doubtful", why };
  return status === 400 || status === 403 ? { is: "refused", why } : { is: "later", ms: 0, why };
}

function toCall(place: string, part: Part) {
  const to = target(place);
  if (part.kind === "file") {
    const { name, mediaType, data, caption, plain } = part;
    const isShown = !plain && isPhoto(data);
    const field = isShown ? "photo" : "document";
    return {
      method: isShown ? "sendPhoto" : "sendDocument",
      params: { ...to, ...(caption === undefined ? {} : { caption: cutText(caption, MAX_CAPTION) }) },
      file: { field, name, mediaType, data },
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
  // What has to be logged in to first has passed nothing on.
  if (status === 407 || status === 511) return { is: "later", ms: 0, why };
  if (status === 0 && !isDoubtful) return { is: "later", ms: 0, why };
  if (status === 401 || status === 404) throw refusedToken(why);
  if (status === 429) return { is: "later", ms: retryAfterMs ?? 1000, why };
  if (isDoubtful) return { is: "doubtful", why };
  if (movedTo !== undefined) return { is: "other", place: movedTo, why };
  const isMarked = part.kind === "text" && part.marked !== undefined;
  if (isMarked && /parse entities/i.test(why)) return { is: "other", plain: true, why };
  if (/thread not found|TOPIC_(CLOSED|DELETED)/i.test(why) && place.includes(":"))
    return { is: "other", place: place.split(":")[0]!, why };
  // "PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", and "not enough rights to send photos" where documents may be.
  if (part.kind === "file" && !part.plain && isPhoto(part.data) && /photo|image/i.test(why))
    return { is: "other", plain: true, why };
  return { is: "refused", why };
}

function message(place: string, messageId: string): { chat_id: number; message_id: number } {
  return { chat_id: target(place).chat_id, message_id: Number(messageId) };
}

async function fetchFile(api: BotApi, file: FileRef, signal: AbortSignal): Promise<Buffer> {
  const { id, name, bytes = 0 } = file;
  if (bytes > MAX_FILE_BYTES)
    throw new AppError(
      "payload_too_large",
      `${name} has ${Math.ceil(bytes / 1e6)} MB; Telegram gives bots 20 MB at most`,
    );
  return fetchData(api, id, signal).catch((error: unknown) => {
    if (!(error instanceof BotFault)) throw error;
    const { message: why, status, retryAfterMs } = error;
    // About this file alone: it says nothing of the bot.
    const isLater = status === 0 || status === 429 || status >= 500;
    throw new AppError(isLater ? "unavailable" : "not_found", why, defined({ retryAfterMs }));
  });
}

async function fetchData(api: BotApi, id: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await api.download(await pathOf(api, id, signal), signal);
  } catch (error) {
    // Its path counts for an hour, and may have been given long ago.
    if (!(error instanceof BotFault) || error.status !== 404) throw error;
    return api.download(await pathOf(api, id, signal), signal);
  }
}

async function pathOf(api: BotApi, id: string, signal: AbortSignal): Promise<string> {
  const { file_path: path } = {
    ...(await api.call<{ file_path?: unknown } | null>("getFile", { file_id: id }, { signal })),
  };
  if (typeof path !== "string" || path === "")
    throw new AppError("provider_error", "Telegram does not say where it is");
  return path;
}
