import { defined } from "../../base/defined.ts";
import type { Config } from "../../config/configSchema.ts";
import type { ChannelSettings } from "../../core/ports/outside/channelDesk.ts";

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
            chats: Object.fromEntries(Object.entries(own.chats).map(([place, chat]) => [place, defined(chat)])),
          },
        ],
  );
}
