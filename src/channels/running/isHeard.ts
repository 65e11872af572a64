import type { Incoming } from "../channel.ts";
import type { ChannelParts } from "./channelParts.ts";

/** Whether somebody may talk where they did, by now: a code that one person was given opens no room where others are. */
export async function isHeard(
  { agent, channel }: Pick<ChannelParts, "agent" | "channel">,
  { person, isPrivate }: Pick<Incoming, "person" | "isPrivate">,
): Promise<boolean> {
  const may = await agent.channels.admits(channel.id, person.id);
  return may === "allow" || (may === "pairing" && isPrivate);
}
