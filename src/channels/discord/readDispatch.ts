import { cutText } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { FileRef, Gone, Incoming, Person, Press } from "../channel.ts";
import { OFFERED_COMMANDS } from "./offerCommands.ts";
import {
  type DiscordMessage,
  type DiscordUser,
  deletedShape,
  type Interaction,
  interactionShape,
  messageShape,
} from "./discordShapes.ts";

/** Something that was said or pressed, where it is of any use here. */
export interface Read {
  /** The network's own number; of an edit with its time. */
  id: string;
  /** Where it was: a channel, which may be a thread; `place` is told by whoever knows which. */
  channel: string;
  what: Omit<Incoming, "place" | "title"> | Omit<Press, "place"> | (Omit<Gone, "place"> & { isPrivate: boolean });
}

const MAX_QUOTE = 300;
// What somebody wrote, and answers; all others are told by Discord, as that somebody has come.
const WRITTEN = new Set([0, 19]);
const FORWARD = 1;
// Of interactions.
const COMMAND = 2;
const BUTTON = 3;
const CHAT_INPUT = 1;
// A chat that the bot is not in.
const AMONG_OTHERS = 2;

/** One event of the gateway; undefined for what nobody here needs, and the path in it that has a shape of its own as `strange`. */
export function readDispatch(
  { type, data }: { type: string; data: unknown },
  botId: string,
): Read | { strange: string } | undefined {
  if (type === "INTERACTION_CREATE") {
    const read = interactionShape.safeParse(data);
    return read.success
      ? (toPress(read.data) ?? toCommand(read.data))
      : { strange: read.error.issues[0]!.path.join(".") };
  }
  if (type === "MESSAGE_DELETE" || type === "MESSAGE_DELETE_BULK") return toGone(data);
  if (type !== "MESSAGE_CREATE" && type !== "MESSAGE_UPDATE") return undefined;
  const read = messageShape.safeParse(data);
  if (read.success) return readMessage(read.data, botId, type === "MESSAGE_UPDATE");
  // Of those that only are told of, with no author, there are many.
  return type === "MESSAGE_UPDATE" ? undefined : { strange: read.error.issues[0]!.path.join(".") };
}

/** A message, as the gateway and the REST API tell it alike. `isPrivate` where it does not say itself. */
export function readMessage(
  message: DiscordMessage,
  botId: string,
  isEdit = false,
  isPrivate = !message.guild_id,
): Read | undefined {
  const { id, author, webhook_id: webhook, edited_timestamp: edited, channel_id: channel } = message;
  // Bots would answer each other for ever, and webhooks write in nobody's name.
  if (author.bot || author.system || webhook || !WRITTEN.has(message.type)) return undefined;
  // Discord tells of previews that it added as if it were an edit.
  if (isEdit && !edited) return undefined;
  const isAddressed = isPrivate || isMeant(message, botId);
  const what = isAddressed ? toIncoming(message, botId, isPrivate) : undefined;
  if (!what) return undefined;
  return isEdit ? { id: `${id} ${edited}`, channel, what: { ...what, isEdit: true } } : { id, channel, what };
}

function toGone(data: unknown): Read | undefined {
  const read = deletedShape.safeParse(data);
  if (!read.success) return undefined;
  const { id, ids, channel_id: channel, guild_id: guild } = read.data;
  const messageIds = id === undefined ? ids : [id];
  return { id: `gone ${messageIds[0]}`, channel, what: { kind: "gone", isPrivate: !guild, messageIds } };
}

function toPress({ id, application_id: application, type, token, member, user, data, ...where }: Interaction) {
  const from = member?.user ?? user;
  const { channel_id: channel, guild_id: guild } = where;
  if (type !== BUTTON || !channel || !from || from.bot || data?.custom_id === undefined) return undefined;
  const isPrivate = !guild && !member;
  const pressId = `${application}/${token}`;
  const what = { kind: "press" as const, isPrivate, person: toPerson(from), pressId, data: data.custom_id };
  return { id, channel, what };
}

/** A command that Discord itself offers, as what would have been written. */
function toCommand({ id, application_id: application, type, token, member, user, data, ...where }: Interaction) {
  const from = member?.user ?? user;
  const { channel_id: channel, guild_id: guild, context } = where;
  if (type !== COMMAND || data?.type !== CHAT_INPUT || !channel || !from || from.bot || context === AMONG_OTHERS)
    return undefined;
  if (!OFFERED_COMMANDS.some(({ name }) => name === data.name)) return undefined;
  const [option] = data.options;
  const what = {
    kind: "message" as const,
    isPrivate: !guild && !member,
    person: toPerson(from),
    messageId: id,
    text: `/${data.name} ${typeof option?.value === "string" ? option.value : ""}`.trim(),
    files: [],
    isAddressed: true,
    pressId: `${application}/${token}`,
  };
  return { id, channel, what };
}

/** By its name, or as an answer to it. */
function isMeant(
  { content, mentions, referenced_message: answered, ...message }: DiscordMessage,
  botId: string,
): boolean {
  // What somebody else wrote names nobody.
  if (message.message_reference?.type === FORWARD) return false;
  const isNamed = mentions.some(({ id }) => id === botId) && (content === "" || nameOfBot(botId).test(content));
  return isNamed || answered?.author?.id === botId;
}

function nameOfBot(botId: string): RegExp {
  return new RegExp(`<@!?${botId}>`, "g");
}

function toIncoming(message: DiscordMessage, botId: string, isPrivate: boolean) {
  const { author, referenced_message: answered, message_snapshots: snapshots } = message;
  const [passedOn] = message.message_reference?.type === FORWARD ? (snapshots ?? []) : [];
  const said = passedOn?.message ?? message;
  const text = withNames(said.content, message.mentions, botId).trim() || (otherContent(said, message) ?? "");
  const own = filesOf(said.attachments, message.channel_id, message.id);
  // Nobody sends nothing: its words are told only to bots that it names.
  const isUnread = !isPrivate && said.content === "";
  if (text === "" && own.length === 0 && !isUnread) return undefined;
  const isOurs = answered?.author?.id === botId;
  const quoted = answered?.content ? cutText(answered.content, MAX_QUOTE) : undefined;
  return {
    kind: "message" as const,
    isPrivate,
    person: toPerson(author),
    messageId: message.id,
    text,
    // "What is in this?" is about what it answers.
    files: own,
    ...(answered && !isOurs
      ? { quotedFiles: filesOf(answered.attachments, answered.channel_id ?? message.channel_id, answered.id) }
      : {}),
    isAddressed: true,
    ...(text === "" && own.length === 0 ? { isUnread: true as const } : {}),
    ...defined({ quoted, forwarded: passedOn && "somebody" }),
  };
}

/** What has neither text nor file, in words. */
function otherContent(
  { sticker_items: stickers }: Pick<DiscordMessage, "sticker_items">,
  { poll }: DiscordMessage,
): string | undefined {
  const [sticker] = stickers ?? [];
  if (sticker) return `[A sticker: ${sticker.name}]`;
  const answers = poll?.answers.map(({ poll_media: { text } }) => `- ${text}`).join("\n");
  return poll ? `[A poll: ${poll.question.text}\n${answers}]` : undefined;
}

/** People by their names, its own left out, and pictures of a server's own by theirs. */
function withNames(text: string, mentions: DiscordUser[], botId: string): string {
  return text
    .replaceAll(nameOfBot(botId), "")
    .replaceAll(/<@!?(\d{1,20})>/g, (whole, id: string) => {
      const user = mentions.find((one) => one.id === id);
      return user ? `@${nameOf(user)}` : whole;
    })
    .replaceAll(/<a?(:\w{1,64}:)\d{1,20}>/g, "$1");
}

function filesOf(attachments: DiscordMessage["attachments"], channel: string, message: string | undefined): FileRef[] {
  return attachments.map(({ filename, size, url, content_type: type }) => ({
    id: url,
    name: cutText(filename, 200),
    mediaType: type?.split(";")[0] ?? "application/octet-stream",
    ...defined({ bytes: size, toldBy: message && `${channel}/${message}` }),
  }));
}

function toPerson(user: DiscordUser): Person {
  return { id: user.id, name: nameOf(user) };
}

function nameOf({ global_name: name, username }: DiscordUser): string {
  return visibleLine(name || username, 100);
}
