import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { systemClock } from "../../base/clock.ts";
import { isTextType } from "../../base/attachments/mediaType.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { Channel, FileRef, Received, Update } from "../channel.ts";
import { cutForDiscord } from "./cutForDiscord.ts";
import { createDiscordGateway, type DiscordGateway, type Position } from "./discordGateway.ts";
import type { Dispatch } from "./keptDispatches.ts";
import { createDiscordPlaces, type DiscordPlaces, isAbout, snowflakeAt } from "./discordPlaces.ts";
import { createDiscordRest, DiscordFault, type DiscordRest, MAX_FILE_BYTES } from "./discordRest.ts";
import { applicationShape, botShape, gatewayShape, messageShape } from "./discordShapes.ts";
import { readDispatch, readMessage } from "./readDispatch.ts";
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
// A channel that cannot be looked at for now is looked at again then.
const HOLD_MS = 5000;

/** Discord, by its REST API and its gateway. `bad_request` for what is no token. */
export function openDiscord(options: DiscordOptions): Channel {
  const { token, apiRoot = API_ROOT, waitMs = WAIT_MS, pauseMs = PAUSE_MS } = options;
  const rest = createDiscordRest({ token, apiRoot });
  const places = createDiscordPlaces(rest);
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
    isWanted: (dispatch) => dispatch.type === "READY" || readDispatch(dispatch, botId) !== undefined,
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
      return { id: botId, name: `@${me.data.username}` };
    },
    async deleteWebhook() {},
    receive: (cursor, signal) => receive({ gateway, places, botId }, cursor, signal),
    missed: (place, sinceMs, signal) => missed({ rest, places, botId }, place, sinceMs, signal),
    writtenIn: (sinceMs, signal) => asking(places.writtenIn(sinceMs, signal)),
    close: () => gateway.close(),
    cut: cutForDiscord,
    ...sendToDiscord(rest, places, (error) => refusedToken(error.message)),
    show: show.channel,
    fetchFile: (file, signal) => fetchFile(rest, file, signal),
  };
}

async function receive(
  { gateway, places, botId }: { gateway: DiscordGateway; places: DiscordPlaces; botId: string },
  cursor: string | number | undefined,
  signal: AbortSignal,
): Promise<Received> {
  const dispatches = await gateway.next(readCursor(cursor), signal);
  const updates: Update[] = [];
  const held = new Set<string>();
  for (const dispatch of dispatches) {
    const read = readDispatch(dispatch, botId);
    const channel = read && "channel" in read ? read.channel : "";
    if (held.has(channel)) continue;
    try {
      updates.push(await toUpdate(dispatch, read, places, signal));
    } catch (error) {
      const code = isAppError(error) ? error.code : "internal";
      if (code !== "rate_limited" && code !== "unavailable") throw error;
      gateway.hold(dispatch, (error as AppError).retryAfterMs ?? HOLD_MS);
      held.add(channel);
    }
  }
  const { id, seq, url, mark } = gateway.position();
  const next = JSON.stringify([id, seq, url, mark]);
  // Nothing to do, but how far it is.
  if (updates.length === 0 && next !== cursor) updates.push({ id: `${id} ${seq}` });
  const isNew = dispatches.some(({ type }) => type === "READY");
  return { updates, cursor: next, ...(isNew ? { isGap: true as const } : {}) };
}

function readCursor(cursor: string | number | undefined): Position | undefined {
  if (typeof cursor !== "string") return undefined;
  try {
    const [id, seq, url, mark = 0] = JSON.parse(cursor) as unknown[];
    if (typeof id === "string" && typeof url === "string" && Number.isSafeInteger(seq) && Number.isSafeInteger(mark))
      return { id, seq: seq as number, url, mark: mark as number };
  } catch {
    // Of another version: a new session tells what is missing.
  }
  return undefined;
}

async function toUpdate(
  { type, seq }: Dispatch,
  read: ReturnType<typeof readDispatch>,
  places: DiscordPlaces,
  signal: AbortSignal,
): Promise<Update> {
  if (!read) return { id: `${type} ${seq}` };
  if ("strange" in read) return { id: `${type} ${seq}`, strange: read.strange };
  const { id, channel, what } = read;
  const { person, isPrivate } = what;
  if (isPrivate) places.isPrivate(person.id, channel);
  const { place, title } = isPrivate
    ? { place: person.id, title: person.name }
    : await asking(places.ofServer(channel, signal));
  return { id, what: what.kind === "press" ? { ...what, place } : { ...what, place, title } };
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

function refusedToken(why: string): AppError {
  return new AppError("unauthorized", `${why}. The bot's token in channels.discord.token does not count (any more)`);
}

/** A call that nothing goes on without, with what its fault means for the channel. */
async function asking<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof DiscordFault)) throw error;
    const { message, status, retryAfterMs } = error;
    if (status === 401) throw refusedToken(message);
    if (status === 429) throw new AppError("rate_limited", message, { retryAfterMs: retryAfterMs ?? 1000 });
    throw new AppError("unavailable", message);
  }
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
