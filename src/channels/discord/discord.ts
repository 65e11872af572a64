import { AppError } from "../../base/appError.ts";
import { Emitter } from "../../base/emitter.ts";
import { BoundedMap } from "../../base/boundedMap.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Channel, Update } from "../channel.ts";
import { cutForDiscord } from "./cutForDiscord.ts";
import { createDiscordGateway } from "./discordGateway.ts";
import { createDiscordPlaces, type DiscordPlaces, isAbout, snowflakeAt } from "./discordPlaces.ts";
import { createDiscordRest, type DiscordRest } from "./discordRest.ts";
import { botShape, gatewayShape, messageShape } from "./discordShapes.ts";
import { createApplication } from "./application.ts";
import { fetchFile } from "./fetchFile.ts";
import type { Dispatch } from "./keptDispatches.ts";
import { asking, refusedToken } from "./asking.ts";
import { offerCommands } from "./offerCommands.ts";
import { createOwnRoles, namesRoles, type OwnRoles } from "./ownRoles.ts";
import { readDispatch, readMessage } from "./readDispatch.ts";
import { receiveUpdates } from "./receiveUpdates.ts";
import { sendToDiscord } from "./sendToDiscord.ts";
import { createShow } from "./showInDiscord.ts";

export interface DiscordOptions {
  token: string;
  /** Address of the REST API; Discord's own by default. */
  apiRoot?: string | undefined;
  /** How long one call waits for messages. */
  waitMs?: number;
  /** See GatewayOptions. */
  pauseMs?: [number, number];
  clock?: Clock;
}

const API_ROOT = "https://discord.com/api/v10";
const WAIT_MS = 25_000;
// Discord asks for a random moment between these before a new session.
const PAUSE_MS: [number, number] = [1000, 5000];
// It knows a message by its nonce for some minutes.
const SAME_FOR_MS = 120_000;
const GUILDS = 1 << 0;
const GUILD_MESSAGES = 1 << 9;
const DIRECT_MESSAGES = 1 << 12;
const MESSAGE_CONTENT = 1 << 15;
/** Flags of an application that may be told what messages say that do not name it; the second is for few servers. */
const MAY_READ = (1 << 18) | (1 << 19);
const MOST_MISSED = 100;
const MOST_WANTED = 1000;

/** Discord, by its REST API and its gateway. `bad_request` for what is no token. */
export function openDiscord(options: DiscordOptions): Channel {
  const { token, apiRoot = API_ROOT, waitMs = WAIT_MS, pauseMs = PAUSE_MS, clock = systemClock } = options;
  const rest = createDiscordRest({ token, apiRoot, clock });
  const places = createDiscordPlaces(rest);
  const roles = createOwnRoles(rest, () => clock.steady());
  const application = createApplication(rest, clock);
  const lines = new Emitter<boolean>();
  /** Messages that somebody here needs, and that may be deleted before they are taken. */
  const wanted = new BoundedMap<string, true>(MOST_WANTED);
  const show = createShow(rest, places);
  let botId = "";
  const gateway = createDiscordGateway({
    token,
    clock,
    waitMs,
    pauseMs,
    isGateway: rest.isGateway,
    address: (signal) => gatewayAddress(rest, signal),
    intents: async (signal) => intentsFor((await application.take(signal)).flags),
    isWanted: (dispatch) => dispatch.type === "READY" || namesRoles(dispatch) || isRead(dispatch, botId, wanted),
    onLine: (isUp) => lines.emit(isUp),
    onCome({ type, data }) {
      // Within three seconds, whatever the store is at: what is said to it comes after.
      if (type === "INTERACTION_CREATE") show.acknowledge(data);
      if (type === "MESSAGE_CREATE") wanted.set(String((data as { id?: unknown } | null)?.id), true);
    },
  });
  return {
    id: "discord",
    title: "Discord",
    sameForMs: SAME_FOR_MS,
    onLine: (listener) => lines.on(listener),
    async account(signal) {
      const me = botShape.safeParse(await asking(rest.call<unknown>({ method: "GET", path: "/users/@me", signal })));
      if (!me.success) throw new AppError("unavailable", "What answered /users/@me is not Discord: it names no bot");
      botId = me.data.id;
      // Whoever has none of them writes the words: it holds up nothing.
      void offered(rest, application.ask(signal), signal).catch(() => {});
      return { id: botId, name: `@${me.data.username}` };
    },
    async deleteWebhook() {},
    receive: (cursor, signal, mostMs) => receiveUpdates({ gateway, mostMs, places, roles, botId }, cursor, signal),
    missed: (place, sinceMs, signal) => missed({ rest, places, roles, botId }, place, sinceMs, signal),
    writtenIn: (sinceMs, signal) => asking(places.writtenIn(sinceMs, signal)),
    close: () => gateway.close(),
    cut: cutForDiscord,
    ...sendToDiscord(rest, places, (error) => refusedToken(error.message)),
    show: show.channel,
    fetchFile: (file, signal) => fetchFile(rest, file, signal),
  };
}

/** What was written in a chat while there was no session; nothing where the bot may not look. */
async function missed(
  { rest, places, roles, botId }: { rest: DiscordRest; places: DiscordPlaces; roles: OwnRoles; botId: string },
  place: string,
  sinceMs: number,
  signal: AbortSignal,
): Promise<Update[]> {
  const after = snowflakeAt(sinceMs);
  const asked = async () => {
    const { channel, isPrivate } = await places.target(place, signal);
    const path = `/channels/${channel}/messages?after=${after}&limit=${MOST_MISSED}`;
    const told = await rest.call<unknown>({ method: "GET", path, signal });
    return { isPrivate, told: Array.isArray(told) ? (told as unknown[]) : [] };
  };
  const { isPrivate, told } = await asking(
    asked().catch((error: unknown) => {
      if (isAbout(error)) return { isPrivate: false, told: [] };
      throw error;
    }),
  );
  // Which server it was in it says only over the gateway.
  const named = async (one: unknown): Promise<unknown> => {
    if (isPrivate || !namesRoles({ type: "MESSAGE_CREATE", data: one })) return one;
    const { channel_id: channel } = one as { channel_id?: unknown };
    const { guild } = await asking(places.ofServer(String(channel), signal));
    const dispatch = { type: "MESSAGE_CREATE", seq: 0, data: { ...(one as object), guild_id: guild } };
    return (await asking(roles.asBot(dispatch, botId, signal))).data;
  };
  const updates: Update[] = [];
  // The newest come first.
  for (const one of told.toReversed()) {
    const message = messageShape.safeParse(await named(one));
    const read = message.success ? readMessage(message.data, botId, false, isPrivate) : undefined;
    if (!read || read.what.kind !== "message") continue;
    const title = isPrivate ? read.what.person.name : (await asking(places.ofServer(read.channel, signal))).title;
    updates.push({ id: read.id, what: { ...read.what, place, title } });
  }
  return updates;
}

async function gatewayAddress(rest: DiscordRest, signal: AbortSignal): Promise<string> {
  const told = gatewayShape.safeParse(
    await asking(rest.call<unknown>({ method: "GET", path: "/gateway/bot", signal })),
  );
  if (!told.success)
    throw new AppError("unavailable", "What answered /gateway/bot is not Discord: it names no address");
  const { url, session_start_limit: limit } = told.data;
  if (limit && limit.remaining <= 0)
    throw new AppError("rate_limited", "Discord lets this bot begin no more sessions for now", {
      retryAfterMs: Math.max(limit.reset_after, 1000),
    });
  return url;
}

/** Private chats and what names the bot are told to each; what others wrote only where the Developer Portal says so. */
function intentsFor(flags = 0): number {
  const basic = GUILDS | GUILD_MESSAGES | DIRECT_MESSAGES;
  return (flags & MAY_READ) === 0 ? basic : basic | MESSAGE_CONTENT;
}

async function offered(rest: DiscordRest, application: Promise<{ id?: string | undefined }>, signal: AbortSignal) {
  const { id } = await application;
  if (id !== undefined) await offerCommands(rest, id, signal);
}

/** Whether it says anything to anybody here; of what was deleted, whether that did. */
function isRead(dispatch: Dispatch, botId: string, wanted: BoundedMap<string, true>): boolean {
  const read = readDispatch(dispatch, botId);
  if (!read) return false;
  return "strange" in read || read.what.kind !== "gone" || read.what.messageIds.some((id) => wanted.has(id));
}
