import type { ChannelName } from "../protocol/outside/channelNames.ts";
import type { ChannelAgent } from "../core/ports/outside/channelAgent.ts";
import type { Channel } from "./channel.ts";
import type { WebhookSettings } from "./telegram/registration.ts";

interface ChannelOptions {
  token: string;
  /** Address of the network's API; its own by default. */
  apiRoot?: string | undefined;
  /** Where the network posts messages to, of those that can; absent: it is asked for them. */
  webhook?: WebhookSettings | undefined;
  agent: ChannelAgent;
}

/** The chat networks that there are, each loaded when it is opened. Rejects with `bad_request` for what is no token. */
export const openers: Record<ChannelName, (options: ChannelOptions) => Promise<Channel>> = {
  telegram: async (options) => (await import("./telegram/telegram.ts")).openTelegram(options),
  discord: async (options) => (await import("./discord/discord.ts")).openDiscord(options),
};
