import { CHANNELS, type ChannelName } from "../../protocol/outside/channelNames.ts";
import { defined } from "../../base/defined.ts";
import type { Config } from "../../config/configSchema.ts";
import { toWebhookUrl } from "../../config/schema/webhookUrl.ts";
import type { ChannelSettings } from "../../core/ports/outside/channelDesk.ts";

/** What the networks take of bots, a file at most. */
const MAX_FILE_BYTES: Record<ChannelName, number> = { telegram: 50_000_000, discord: 10_000_000 };

/** The chat networks of a configuration, as the agent sees them: without their tokens. */
export function channelSettings({ channels }: Pick<Config, "channels">): ChannelSettings[] {
  return CHANNELS.flatMap((id) => {
    const own = channels[id];
    if (own === undefined) return [];
    const chats = Object.fromEntries(Object.entries(own.chats).map(([place, chat]) => [place, defined(chat)]));
    const { session, asks } = own;
    return [{ id, allow: own.allow.map(String), session, asks, maxFileBytes: MAX_FILE_BYTES[id], chats }];
  });
}

/** Where a network posts messages to, of those that can. */
export function webhookOf({ channels }: Pick<Config, "channels">, id: ChannelName) {
  const webhook = id === "telegram" ? channels.telegram?.webhook : undefined;
  return webhook && { ...webhook, url: toWebhookUrl(webhook.url) };
}
