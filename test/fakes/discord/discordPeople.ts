import { DISCORD_BOT, type DiscordSay, type DiscordSent, type DiscordServer, SERVER } from "./discordServer.ts";
import type { DiscordSocket } from "./discordSocket.ts";

/** What people write, and what of it stands. */
export interface DiscordPeople {
  gateway: DiscordSocket;
  channels: DiscordServer["channels"];
  said: Record<string, unknown>[];
  lastId: bigint;
  presses: number;
  /** The channel of a person's private chat. */
  dm(person: string): string;
}

const [GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT] = [1 << 9, 1 << 12, 1 << 15];

/** Numbers as Discord's: their first bits are the time. */
export function newNumber(state: DiscordPeople): string {
  const now = BigInt(Date.now() - 1_420_070_400_000) << 22n;
  state.lastId = now > state.lastId ? now : state.lastId + 1n;
  return String(state.lastId);
}

function user(id: string) {
  return { id, username: `person_${id}`, global_name: `Person ${id}` };
}

export function say(state: DiscordPeople, from: string, text: string, more: DiscordSay = {}): string {
  const { channel = state.dm(from), mentions = [], replyTo, extra, fromExtra, isUnheard = false } = more;
  const id = newNumber(state);
  const isPrivate = state.channels.get(channel)?.type === 1;
  const message = {
    ...{ id, channel_id: channel, type: replyTo ? 19 : 0, content: text, attachments: [], embeds: [] },
    author: { ...user(from), ...fromExtra },
    ...{ mentions: mentions.map(user), timestamp: new Date().toISOString(), edited_timestamp: null },
    ...(replyTo ? { referenced_message: replyTo } : {}),
    ...extra,
  };
  state.said.push(message);
  if (isUnheard) return id;
  // What others wrote to each other is told without its words to who was not given leave to read it.
  const isOpen = isPrivate || mentions.includes(DISCORD_BOT.id);
  const told = isPrivate ? message : { ...message, guild_id: SERVER };
  const wanted = isPrivate ? DIRECT_MESSAGES : GUILD_MESSAGES;
  state.gateway.emit(
    "MESSAGE_CREATE",
    told,
    (bits) => (bits & wanted) !== 0 && (isOpen || (bits & MESSAGE_CONTENT) !== 0),
  );
  if (!isOpen)
    state.gateway.emit(
      "MESSAGE_CREATE",
      { ...told, content: "", attachments: [] },
      (bits) => (bits & wanted) !== 0 && (bits & MESSAGE_CONTENT) === 0,
    );
  return id;
}

export function remove(state: DiscordPeople, ids: string[]): void {
  const { channel_id: channel } = state.said.find((one) => one["id"] === ids[0])!;
  state.said = state.said.filter((one) => !ids.includes(String(one["id"])));
  const isPrivate = state.channels.get(String(channel))?.type === 1;
  const where = { channel_id: channel, ...(isPrivate ? {} : { guild_id: SERVER }) };
  if (ids.length === 1) state.gateway.emit("MESSAGE_DELETE", { id: ids[0], ...where });
  else state.gateway.emit("MESSAGE_DELETE_BULK", { ids, ...where });
}

export function command(
  state: DiscordPeople,
  from: string,
  name: string,
  { channel = state.dm(from), value, type = 1 }: { channel?: string; value?: string; type?: number } = {},
): string {
  const options = value === undefined ? [] : [{ type: 3, name: "option", value }];
  return interact(state, { from, channel, type: 2, data: { id: "1", type, name, options } });
}

export function press(state: DiscordPeople, from: string, message: DiscordSent, label: string): string {
  const data = message.buttons.find((one) => one.label === label)?.custom_id ?? label;
  const more = { message: { id: message.id }, data: { component_type: 2, custom_id: data } };
  return interact(state, { from, channel: message.channel, type: 3, ...more });
}

function interact(
  state: DiscordPeople,
  { from, channel: id, ...more }: { from: string; channel: string; type: number; data: object; message?: object },
): string {
  const token = `press-${++state.presses}`;
  const channel = state.channels.get(id);
  state.gateway.emit("INTERACTION_CREATE", {
    ...{ id: newNumber(state), application_id: DISCORD_BOT.id, token, version: 1, channel_id: id, channel, ...more },
    ...(channel?.type === 1
      ? { user: user(from), context: 1 }
      : { guild_id: SERVER, member: { user: user(from) }, context: 0 }),
  });
  return token;
}
