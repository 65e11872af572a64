import * as z from "zod";
import { BoundedMap } from "../../base/boundedMap.ts";
import { isAbout } from "./discordPlaces.ts";
import type { DiscordRest } from "./discordRest.ts";
import type { Dispatch } from "./keptDispatches.ts";

/** The role that each server gives the bot, of the bot's name: whoever picks that name in Discord may call it by either. */
export interface OwnRoles {
  /** What names the bot's own role, as if it named the bot. Rejects with a DiscordFault. */
  asBot(dispatch: Dispatch, botId: string, signal: AbortSignal): Promise<Dispatch>;
}

const MOST_KNOWN = 1000;
// Whoever removes a bot and invites it again gives it another.
const KNOWN_MS = 600_000;

const namingShape = z.looseObject({
  guild_id: z.string().regex(/^\d{1,20}$/),
  content: z.string(),
  mention_roles: z.array(z.string()).min(1),
  mentions: z.array(z.unknown()).default([]),
});
const rolesShape = z.array(
  z.object({ id: z.string(), tags: z.object({ bot_id: z.string().optional() }).optional().catch(undefined) }),
);

export function createOwnRoles(rest: DiscordRest, now: () => number): OwnRoles {
  const known = new BoundedMap<string, { role: string | undefined; until: number }>(MOST_KNOWN);
  const roleIn = async (guild: string, botId: string, signal: AbortSignal): Promise<string | undefined> => {
    const before = known.get(guild);
    if (before && before.until > now()) return before.role;
    const call = rest.call<unknown>({ method: "GET", path: `/guilds/${guild}/roles`, signal });
    const told = await call.catch((error: unknown) => {
      if (isAbout(error)) return [];
      throw error;
    });
    const role = rolesShape.safeParse(told).data?.find(({ tags }) => tags?.bot_id === botId)?.id;
    known.set(guild, { role, until: now() + KNOWN_MS });
    return role;
  };
  return {
    async asBot(dispatch, botId, signal) {
      const naming = namesRoles(dispatch) ? namingShape.safeParse(dispatch.data).data : undefined;
      if (!naming) return dispatch;
      const { guild_id: guild, content, mention_roles: named, mentions } = naming;
      const role = await roleIn(guild, botId, signal);
      if (role === undefined || !named.includes(role)) return dispatch;
      const data = {
        ...naming,
        content: content.replaceAll(`<@&${role}>`, `<@${botId}>`),
        mentions: [...mentions, { id: botId, username: "" }],
      };
      return { ...dispatch, data };
    },
  };
}

/** Whether a message names any role. */
export function namesRoles({ type, data }: Pick<Dispatch, "type" | "data">): boolean {
  if (type !== "MESSAGE_CREATE" && type !== "MESSAGE_UPDATE") return false;
  const { mention_roles: roles } = (data ?? {}) as { mention_roles?: unknown };
  return Array.isArray(roles) && roles.length > 0;
}
