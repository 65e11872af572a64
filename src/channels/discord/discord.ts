import { AppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { systemClock } from "../../base/clock.ts";
import { isTextType } from "../../base/attachments/mediaType.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { Channel, FileRef, Update } from "../channel.ts";
import { cutForDiscord } from "./cutForDiscord.ts";
import { createDiscordGateway } from "./discordGateway.ts";
import { createDiscordPlaces, type DiscordPlaces, isAbout, snowflakeAt } from "./discordPlaces.ts";
import { createDiscordRest, DiscordFault, type DiscordRest, MAX_FILE_BYTES } from "./discordRest.ts";
import { applicationShape, botShape, gatewayShape, messageShape } from "./discordShapes.ts";
import { asking, refusedToken } from "./asking.ts";
import { offerCommands } from "./offerCommands.ts";
import { createOwnRoles, namesRoles } from "./ownRoles.ts";
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

/** Discord, by its REST API and its gateway. `bad_request` for what is no token. */
export function openDiscord(options: DiscordOptions): Channel {
  const { token, apiRoot = API_ROOT, waitMs = WAIT_MS, pauseMs = PAUSE_MS } = options;
  const rest = createDiscordRest({ token, apiRoot });
  const places = createDiscordPlaces(rest);
  const roles = createOwnRoles(rest);
  const show = createShow(rest, places);
  let botId = "";
  const gateway = createDiscordGateway({
    token,
    clock: systemClock,
    waitMs,
    pauseMs,
    isGateway: rest.isGateway,
    address: (signal) => gatewayAddress(rest, signal),
    intents: (signal) => intentsOf(rest, signal),
    isWanted: (dispatch) =>
      dispatch.type === "READY" || namesRoles(dispatch) || readDispatch(dispatch, botId) !== undefined,
    // Within three seconds, whatever the store is at: what is said to it comes after.
    onCome: ({ type, data }) => void (type === "INTERACTION_CREATE" && show.acknowledge(data)),
  });
  return {
    id: "discord",
    title: "Discord",
    sameForMs: SAME_FOR_MS,
    hasLine: true,
    async account(signal) {
      const me = botShape.safeParse(await asking(rest.call<unknown>({ method: "GET", path: "/users/@me", signal })));
      if (!me.success) throw new AppError("unavailable", "What answered /users/@me is not Discord: it names no bot");
      botId = me.data.id;
      // Whoever has none of them writes the words: it holds up nothing.
      void offerCommands(rest, signal).catch(() => {});
      return { id: botId, name: `@${me.data.username}` };
    },
    async deleteWebhook() {},
    receive: (cursor, signal) => receiveUpdates({ gateway, places, roles, botId }, cursor, signal),
    missed: (place, sinceMs, signal) => missed({ rest, places, botId }, place, sinceMs, signal),
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
  { rest, places, botId }: { rest: DiscordRest; places: DiscordPlaces; botId: string },
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
  const updates: Update[] = [];
  // The newest come first.
  for (const one of told.toReversed()) {
    const message = messageShape.safeParse(one);
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
async function intentsOf(rest: DiscordRest, signal: AbortSignal): Promise<number> {
  const basic = GUILDS | GUILD_MESSAGES | DIRECT_MESSAGES;
  const told = await asking(
    rest.call<unknown>({ method: "GET", path: "/applications/@me", signal }).catch((error: unknown) => {
      if (isAbout(error)) return undefined;
      throw error;
    }),
  );
  const { flags = 0 } = applicationShape.safeParse(told).data ?? {};
  return (flags & MAY_READ) === 0 ? basic : basic | MESSAGE_CONTENT;
}

async function fetchFile(rest: DiscordRest, file: FileRef, signal: AbortSignal): Promise<Attachment> {
  const { id: url, name, mediaType, bytes = 0 } = file;
  if (bytes > MAX_FILE_BYTES)
    throw new AppError("payload_too_large", `${name} has ${Math.ceil(bytes / 1e6)} MB; 20 MB at most are taken`);
  const data = await rest.download(url, signal).catch((error: unknown) => {
    if (!(error instanceof DiscordFault)) throw error;
    const { message: why, status, retryAfterMs } = error;
    // About this file alone: it says nothing of the bot.
    const isLater = status === 0 || status === 429 || status >= 500;
    throw new AppError(isLater ? "unavailable" : "not_found", why, defined({ retryAfterMs }));
  });
  return { name, mediaType, data: isTextType(mediaType) ? data.toString("utf8") : data.toString("base64") };
}
