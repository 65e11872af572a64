import { checkTelegramFile, type FormFile, Refusal } from "./telegramForm.ts";
import { parseTelegramHtml, type TelegramEntity } from "./telegramHtml.ts";

export const BOT = { id: 4242, is_bot: true, first_name: "Pincer", username: "pincer_bot" };

/** A message as the bot sent it, and as it stands in its chat now. */
export interface SentMessage {
  id: number;
  chat: number;
  topic?: number;
  method: string;
  text: string;
  entities: TelegramEntity[];
  buttons: { text: string; callback_data: string }[][];
  silent: boolean;
  preview: boolean;
  file?: FormFile;
  edits: string[];
  deleted: boolean;
}

interface SendCall {
  method: string;
  params: Record<string, unknown>;
  file?: FormFile | undefined;
}

/** Puts a message that the bot sends into its chat, or throws a Refusal. */
export function sendMessage({ method, params, file }: SendCall, all: SentMessage[], nextId: () => number): unknown {
  if (method !== "sendMessage") checkTelegramFile(method, file);
  const { text, entities } =
    method === "sendMessage" ? toText(params) : { text: String(params["caption"] ?? ""), entities: [] };
  const preview = params["link_preview_options"] as { is_disabled?: boolean } | undefined;
  const sent: SentMessage = {
    id: nextId(),
    chat: Number(params["chat_id"]),
    ...(params["message_thread_id"] === undefined ? {} : { topic: Number(params["message_thread_id"]) }),
    method,
    text,
    entities,
    buttons: (params["reply_markup"] as { inline_keyboard: SentMessage["buttons"] } | undefined)?.inline_keyboard ?? [],
    silent: params["disable_notification"] === true,
    preview: method === "sendMessage" && preview?.is_disabled !== true,
    ...(file ? { file } : {}),
    edits: [],
    deleted: false,
  };
  for (const { callback_data: data } of sent.buttons.flat())
    if (Buffer.byteLength(data) > 64) throw new Refusal(400, "Bad Request: BUTTON_DATA_INVALID");
  all.push(sent);
  return toMessage(sent);
}

/** The text of a call, with what is marked in it. */
export function toText(params: Record<string, unknown>): { text: string; entities: TelegramEntity[] } {
  const given = String(params["text"] ?? "");
  let parsed: { text: string; entities: TelegramEntity[] } = { text: given, entities: [] };
  if (params["parse_mode"] === "HTML") {
    try {
      parsed = parseTelegramHtml(given);
    } catch (error) {
      throw new Refusal(400, `Bad Request: can't parse entities: ${(error as Error).message}`);
    }
  }
  if (parsed.text.trim() === "") throw new Refusal(400, "Bad Request: message text is empty");
  if (parsed.text.length > 4096) throw new Refusal(400, "Bad Request: message is too long");
  return parsed;
}

/** A message as Telegram tells it. */
export function toMessage({ id, chat, text }: SentMessage): unknown {
  return { message_id: id, date: 1, chat: { id: chat, type: chat > 0 ? "private" : "supergroup" }, from: BOT, text };
}
