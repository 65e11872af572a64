import { randomBytes } from "node:crypto";
import { defined } from "../base/defined.ts";
import type { ChatSettings } from "../core/ports/outside/channelDesk.ts";
import type { Incoming } from "./channel.ts";
import { type ChannelParts, commit, noteOf } from "./channelParts.ts";

/** What openclaw.yml says of a chat; of a topic what it says of its group, where it says nothing of the topic. */
export function chatSettings(parts: ChannelParts, place: string): ChatSettings {
  const { chats } = parts.settings();
  const group = place.split(":")[0]!;
  if (Object.hasOwn(chats, place)) return chats[place]!;
  return Object.hasOwn(chats, group) ? chats[group]! : {};
}

/** The key of a chat's session, which is made where there is none yet. */
export async function sessionOf(
  parts: ChannelParts,
  { place, title }: Pick<Incoming, "place" | "title">,
): Promise<string> {
  const { agent, channel } = parts;
  const { session, workspace, tools } = chatSettings(parts, place);
  const note = await noteOf(parts, `chat:${place}`);
  const key =
    session ?? (parts.settings().session === "main" ? "main" : String(note?.["sessionKey"] ?? firstKey(parts, place)));
  if (!note)
    await commit(parts, { note: { channel: channel.id, key: `chat:${place}` }, value: { sessionKey: key, title } });
  if (session === undefined && key !== "main")
    await agent.sessions.create({
      key,
      kind: "channel",
      title: `${title} (Telegram)`,
      ...defined({ workspace, tools }),
    });
  return key;
}

/** Another session for a chat, from the next message on; false where openclaw.yml says which one it has. */
export async function renewSession(
  parts: ChannelParts,
  { place, title }: Pick<Incoming, "place" | "title">,
): Promise<boolean> {
  if (chatSettings(parts, place).session !== undefined || parts.settings().session === "main") return false;
  const key = `${firstKey(parts, place)}-${randomBytes(4).toString("hex")}`;
  await commit(parts, { note: { channel: parts.channel.id, key: `chat:${place}` }, value: { sessionKey: key, title } });
  return true;
}

/** In a namespace of the channel's own: a chat cannot be made to go on in a session of somebody else. */
function firstKey({ channel }: ChannelParts, place: string): string {
  return `${channel.id}-${place.replace(":", "-")}`;
}
