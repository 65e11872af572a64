import { defined } from "../../base/defined.ts";
import { cutText } from "../../base/cutText.ts";
import type { Incoming, Moved, Person, Press, Update } from "../channel.ts";
import { filesOf } from "./filesOf.ts";
import { type Bot, type Message, type Pressed, type User, updateShape } from "./telegramShapes.ts";

const MAX_QUOTE = 300;

/** One update; undefined for what is none. One that cannot be read holds up no other: it is `strange`, and counts as taken. */
export function readUpdate(given: unknown, bot: Bot): Update | undefined {
  const read = updateShape.safeParse(given);
  if (!read.success) {
    const id = (given as { update_id?: unknown } | null)?.update_id;
    return Number.isSafeInteger(id) ? { id: id as number, strange: read.error.issues[0]!.path.join(".") } : undefined;
  }
  const { update_id: id, callback_query: query, edited_message: edited } = read.data;
  const message = read.data.message ?? edited;
  const moved = message && toMoved(message);
  if (moved) return { id, what: moved };
  const what = query ? toPress(query) : message && toIncoming(message, bot, edited !== undefined);
  return { id, ...defined({ what }) };
}

/** It is said in both: in the group that was, and in what it has become. */
function toMoved({ chat, migrate_to_chat_id: to, migrate_from_chat_id: from }: Message): Moved | undefined {
  if (to !== undefined) return { kind: "moved", place: String(chat.id), to: String(to) };
  return from === undefined ? undefined : { kind: "moved", place: String(from), to: String(chat.id) };
}

function toPress({ id, from, message, data }: Pressed): Press | undefined {
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
  const written = message.text ?? message.caption;
  const said = written ?? otherContent(message) ?? "";
  const own = filesOf(message, message.message_id);
  if (said === "" && own.length === 0) return undefined;
  const answered = answeredBy(message);
  const forwarded = message.forward_origin && originOf(message.forward_origin);
  // What somebody else wrote names nobody.
  const mentions = written === undefined || forwarded !== undefined ? [] : mentionsOf(message, said, bot);
  const isOurs = answered?.from?.id === bot.id;
  const quoted = message.quote?.text ?? answered?.text ?? answered?.caption;
  return {
    kind: "message",
    place: placeOf(message),
    title: isPrivate ? nameOf(from) : (chat.title ?? String(chat.id)),
    isPrivate,
    person: toPerson(from),
    messageId: String(message.message_id),
    text: withoutName(said, mentions),
    files: own,
    // "What is in this?" is about what it answers.
    ...(answered && !isOurs ? { quotedFiles: filesOf(answered, answered.message_id ?? 0) } : {}),
    isAddressed: isPrivate || mentions.length > 0 || (isOurs && !isForAnother(message, said, bot)),
    ...defined({ album: message.media_group_id, quoted: quoted && cutText(quoted, MAX_QUOTE), forwarded }),
    ...(isEdit ? { isEdit: true as const } : {}),
  };
}

/** What has neither text nor file, in words. */
function otherContent({ sticker, venue, location, contact, poll, dice }: Message): string | undefined {
  if (sticker) return `[A sticker${sticker.emoji === undefined ? "" : `: ${sticker.emoji}`}]`;
  const at = location && ` at ${location.latitude}, ${location.longitude}`;
  if (venue) return `[The place ${venue.title}, ${venue.address}${at ?? ""}]`;
  if (at !== undefined) return `[A place${at}]`;
  if (contact) return `[A contact: ${contact.first_name}, ${contact.phone_number}]`;
  if (poll) return `[A poll: ${poll.question}\n${poll.options.map(({ text }) => `- ${text}`).join("\n")}]`;
  return dice && `[${dice.emoji} shows ${dice.value}]`;
}

/** In a topic all that answers nothing else is said to answer what made the topic. */
function answeredBy({ reply_to_message: answered, is_topic_message: isTopic, message_thread_id: topic }: Message) {
  const isBegin = answered?.forum_topic_created !== undefined || (isTopic && answered?.message_id === topic);
  return isBegin ? undefined : answered;
}

function originOf(origin: NonNullable<Message["forward_origin"]>): string {
  const { sender_user: user, sender_user_name: name, sender_chat: sender, chat } = origin;
  return (user && nameOf(user)) ?? name ?? sender?.title ?? chat?.title ?? "somebody";
}

/** "123", or "-100123:45" in a topic. */
function placeOf({
  chat,
  is_topic_message: isTopic,
  message_thread_id: topic,
}: Pick<Message, "chat" | "is_topic_message" | "message_thread_id">): string {
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

/** It begins with a command that names another bot of the group. */
function isForAnother({ entities, caption_entities: ofCaption }: Message, text: string, bot: Bot): boolean {
  const [first] = entities ?? ofCaption ?? [];
  if (first?.type !== "bot_command" || first.offset !== 0) return false;
  const command = text.slice(0, first.length).toLowerCase();
  return command.includes("@") && !command.endsWith(`@${bot.username.toLowerCase()}`);
}

function withoutName(text: string, mentions: { from: number; to: number }[]): string {
  const left = mentions.toReversed().reduce((now, { from, to }) => now.slice(0, from) + now.slice(to), text);
  return left.trim();
}

function toPerson(user: User): Person {
  return { id: String(user.id), name: nameOf(user) };
}

function nameOf({ first_name: first, last_name: last, username, id }: User): string {
  return [first, last].filter(Boolean).join(" ") || username || String(id);
}
