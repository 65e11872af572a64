import { defined } from "../../base/defined.ts";
import { cutText } from "../../base/cutText.ts";
import type { FileRef, Incoming, Person, Press, Update } from "../channel.ts";

/** What of Telegram's objects is read here; all of it may be missing. */
interface User {
  id: number;
  is_bot?: boolean;
  first_name?: string;
  last_name?: string;
  username?: string;
}

interface Message {
  message_id: number;
  message_thread_id?: number;
  is_topic_message?: boolean;
  from?: User;
  sender_chat?: { id: number };
  chat: { id: number; type: string; title?: string };
  text?: string;
  caption?: string;
  entities?: Entity[];
  caption_entities?: Entity[];
  reply_to_message?: Message;
  quote?: { text?: string };
  media_group_id?: string;
  photo?: { file_id: string; file_size?: number; width: number }[];
  document?: NamedFile;
  audio?: NamedFile;
  video?: NamedFile;
  voice?: NamedFile;
}

interface NamedFile {
  file_id: string;
  file_name?: string;
  mime_type?: string;
  file_size?: number;
}

interface Entity {
  type: string;
  offset: number;
  length: number;
  user?: User;
}

export interface TelegramUpdate {
  update_id: number;
  message?: Message;
  edited_message?: Message;
  callback_query?: { id: string; from: User; message?: Message; data?: string };
}

/** Who the bot is. */
export interface Bot {
  id: number;
  username: string;
}

const MAX_QUOTE = 300;

export function readUpdate(update: TelegramUpdate, bot: Bot): Update {
  const { update_id: id, callback_query: query } = update;
  const message = update.message ?? update.edited_message;
  const what = query ? toPress(query) : message && toIncoming(message, bot, update.edited_message !== undefined);
  return { id, ...defined({ what }) };
}

function toPress({ id, from, message, data }: NonNullable<TelegramUpdate["callback_query"]>): Press | undefined {
  if (!message || data === undefined || from.is_bot) return undefined;
  return {
    kind: "press",
    place: placeOf(message),
    isPrivate: message.chat.type === "private",
    person: toPerson(from),
    pressId: id,
    data,
  };
}

function toIncoming(message: Message, bot: Bot, isEdit: boolean): Incoming | undefined {
  const { from, chat, sender_chat: sender } = message;
  // Channels and anonymous administrators write in nobody's name, and bots would answer each other for ever.
  if (!from || from.is_bot || sender || !["private", "group", "supergroup"].includes(chat.type)) return undefined;
  const isPrivate = chat.type === "private";
  const said = message.text ?? message.caption ?? "";
  const files = filesOf(message);
  if (said === "" && files.length === 0) return undefined;
  const mentions = mentionsOf(message, said, bot);
  const answered = message.reply_to_message;
  const quoted = message.quote?.text ?? answered?.text ?? answered?.caption;
  return {
    kind: "message",
    place: placeOf(message),
    title: isPrivate ? nameOf(from) : (chat.title ?? String(chat.id)),
    isPrivate,
    person: toPerson(from),
    messageId: String(message.message_id),
    text: withoutName(said, mentions),
    files,
    isAddressed: isPrivate || mentions.length > 0 || answered?.from?.id === bot.id,
    ...defined({ album: message.media_group_id, quoted: quoted && cutText(quoted, MAX_QUOTE) }),
    ...(isEdit ? { isEdit: true as const } : {}),
  };
}

/** "123", or "-100123:45" in a topic. */
function placeOf({ chat, is_topic_message: isTopic, message_thread_id: topic }: Message): string {
  return isTopic && topic !== undefined ? `${chat.id}:${topic}` : String(chat.id);
}

/** Where the bot is meant: @its_name, /command@its_name, or its name as a link. In UTF-16 units, as Telegram counts. */
function mentionsOf(message: Message, text: string, bot: Bot): { from: number; to: number }[] {
  const name = `@${bot.username}`.toLowerCase();
  return (message.entities ?? message.caption_entities ?? []).flatMap(({ type, offset, length, user }) => {
    const shown = text.slice(offset, offset + length).toLowerCase();
    if (type === "mention" && shown === name) return [{ from: offset, to: offset + length }];
    if (type === "text_mention" && user?.id === bot.id) return [{ from: offset, to: offset + length }];
    if (type === "bot_command" && shown.endsWith(name))
      return [{ from: offset + length - name.length, to: offset + length }];
    return [];
  });
}

function withoutName(text: string, mentions: { from: number; to: number }[]): string {
  const left = mentions.toReversed().reduce((now, { from, to }) => now.slice(0, from) + now.slice(to), text);
  return left.trim();
}

function filesOf({ message_id: id, photo, document, audio, video, voice }: Message): FileRef[] {
  const largest = photo?.toSorted((a, b) => a.width - b.width).at(-1);
  const named: [NamedFile | undefined, string, string][] = [
    [document, `file-${id}`, "application/octet-stream"],
    [audio, `audio-${id}.mp3`, "audio/mpeg"],
    [video, `video-${id}.mp4`, "video/mp4"],
    [voice, `voice-${id}.ogg`, "audio/ogg"],
  ];
  return [
    ...(largest
      ? [
          {
            id: largest.file_id,
            name: `photo-${id}.jpg`,
            mediaType: "image/jpeg",
            ...defined({ bytes: largest.file_size }),
          },
        ]
      : []),
    ...named.flatMap(([file, name, mediaType]) =>
      file
        ? [
            {
              id: file.file_id,
              name: cutText(file.file_name || name, 200),
              mediaType: file.mime_type ?? mediaType,
              ...defined({ bytes: file.file_size }),
            },
          ]
        : [],
    ),
  ];
}

function toPerson(user: User): Person {
  return { id: String(user.id), name: nameOf(user) };
}

function nameOf({ first_name: first, last_name: last, username, id }: User): string {
  return [first, last].filter(Boolean).join(" ") || username || String(id);
}
