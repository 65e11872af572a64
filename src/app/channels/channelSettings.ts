import type { ChannelName } from "../../base/channelNames.ts";
import { nameTable } from "../../base/nameTable.ts";
import { defined } from "../../base/defined.ts";
import type { Config } from "../../config/configSchema.ts";
import { toWebhookUrl } from "../../config/schema/webhookUrl.ts";
import type { ChannelSettings } from "../../core/ports/outside/channelDesk.ts";

/** What the networks take of bots, a file at most. */
const MAX_FILE_BYTES = nameTable<number>({ telegram: 50_000_000, discord: 10_000_000 });

/** The chat networks of a configuration, as the agent sees them: without their tokens. */
export function channelSettings({ channels }: Pick<Config, "channels">): ChannelSettings[] {
  return Object.entries(defined(channels)).flatMap(([id, own]) =>
    own === undefined
      ? []
      : [
          {
            id,
            allow: own.allow.map(String),
            session: own.session,
            asks: own.asks,
            maxFileBytes: MAX_FILE_BYTES[id]!,
            chats: Object.fromEntries(Object.entries(own.chats).map(([place, chat]) => [place, defined(chat)])),
          },
        ],
  );
}

/** Where a network posts messages to, of those that can. */
export function webhookOf({ channels }: Pick<Config, "channels">, id: ChannelName) {
  const webhook = id === "telegram" ? channels.telegram?.webhook : undefined;
  return webhook && { ...webhook, url: toWebhookUrl(webhook.url) };
}
