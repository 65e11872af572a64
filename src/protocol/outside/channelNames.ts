/** The chat networks that there are. Apart from the shapes of a channel: the editor's edge carries no schemas. */
export const CHANNELS = ["telegram", "discord"] as const;

export type ChannelName = (typeof CHANNELS)[number];

export function isChannel(name: string): name is ChannelName {
  return (CHANNELS as readonly string[]).includes(name);
}
