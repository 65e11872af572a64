import { randomBytes } from "node:crypto";
import { defined } from "../../base/defined.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { ChatSettings } from "../../core/ports/outside/channelDesk.ts";
import type { Incoming } from "../channel.ts";
import { type ChannelParts, commit, noteOf } from "./channelParts.ts";

/** What is known of a chat. */
interface ChatNote {
  sessionKey: string;
  title: string;
  /** The address that it had before. */
  movedFrom?: string;
}

/**
 * What openclaw.yml says of a chat; of a topic what it says of its group, where it says nothing of the topic; of a group that has two
 * addresses what it says of the other one.
 */
export async function chatSettings(parts: ChannelParts, place: string): Promise<ChatSettings> {
  const { chats } = parts.settings();
  const names = await parts.agent.channels.names(parts.channel.id, place);
  const groups = names.map((name) => name.split(":")[0]!);
  const found = [place, place.split(":")[0]!, ...names, ...groups].find((one) => Object.hasOwn(chats, one));
  return found === undefined ? {} : chats[found]!;
}

/** The key of a chat's session, which is made where there is none yet. */
export async function sessionOf(
  parts: ChannelParts,
  { place, title }: Pick<Incoming, "place" | "title">,
): Promise<string> {
  const { agent, channel } = parts;
  const settings = await chatSettings(parts, place);
  const { workspace, tools } = settings;
  const note = await chatNote(parts, place);
  const given = givenSession(parts, settings);
  const key = given ?? ownKey(parts, place, note);
  if (note?.sessionKey !== key) await commit(parts, putChat(parts, place, { title, ...note, sessionKey: key }));
  if (given === undefined)
    await agent.sessions.create({
      key,
      kind: "channel",
      title: `${title} (${channel.title})`,
      ...defined({ workspace, tools }),
    });
  return key;
}

/** Another session for a chat, from the next message on; false where openclaw.yml says which one it has. */
export async function renewSession(
  parts: ChannelParts,
  { place, title }: Pick<Incoming, "place" | "title">,
): Promise<boolean> {
  if (givenSession(parts, await chatSettings(parts, place)) !== undefined) return false;
  const sessionKey = `${firstKey(parts, place)}-${randomBytes(4).toString("hex")}`;
  await commit(parts, putChat(parts, place, { ...(await chatNote(parts, place)), sessionKey, title }));
  return true;
}

/**
 * A group that has got another address goes on there in the session that it had; nothing where that is known already. Also of a group
 * that nobody talked in it is noted, since what forbids one address forbids the other: but it is none by that to be written to.
 */
export async function moveChat(parts: ChannelParts, from: string, to: string): Promise<ChannelChange[]> {
  const { id } = parts.channel;
  const [before, after, known] = await Promise.all([
    chatNote(parts, from),
    chatNote(parts, to),
    noteOf(parts, `moved:${to}`),
  ]);
  if (known !== undefined || after?.movedFrom !== undefined) return [];
  const moved: ChannelChange[] = [
    { note: { channel: id, key: `moved:${to}` }, value: { from } },
    { move: id, from, to },
  ];
  const went = before ?? after;
  return went ? [...moved, putChat(parts, to, { ...after, ...went, movedFrom: from })] : moved;
}

/** The session that openclaw.yml gives a chat. One with tools or a folder of its own shares none. */
function givenSession(parts: ChannelParts, { session, workspace, tools }: ChatSettings): string | undefined {
  const isOwn = workspace !== undefined || tools !== undefined;
  return session ?? (parts.settings().session === "main" && !isOwn ? "main" : undefined);
}

/** Whether a session is one of those that a chat had for itself. */
export async function isOwnSession(parts: ChannelParts, place: string, key: string): Promise<boolean> {
  return isOwnKey(parts, place, await chatNote(parts, place), key);
}

/** The one it had, unless openclaw.yml gave it that. */
function ownKey(parts: ChannelParts, place: string, note: ChatNote | undefined): string {
  const key = note?.sessionKey;
  return key !== undefined && isOwnKey(parts, place, note, key) ? key : firstKey(parts, place);
}

function isOwnKey(parts: ChannelParts, place: string, note: ChatNote | undefined, key: string): boolean {
  const own = [place, note?.movedFrom].flatMap((one) => (one === undefined ? [] : firstKey(parts, one)));
  return own.some((one) => key === one || key.startsWith(`${one}-`));
}

async function chatNote(parts: ChannelParts, place: string): Promise<ChatNote | undefined> {
  return (await noteOf(parts, `chat:${place}`)) as ChatNote | undefined;
}

function putChat({ channel }: ChannelParts, place: string, note: ChatNote): ChannelChange {
  return { note: { channel: channel.id, key: `chat:${place}` }, value: { ...note } };
}

/** In a namespace of the channel's own: a chat cannot be made to go on in a session of somebody else. */
function firstKey({ channel }: ChannelParts, place: string): string {
  return `${channel.id}-${place.replace(":", "-")}`;
}
