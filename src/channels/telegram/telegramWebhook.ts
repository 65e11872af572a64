import { randomBytes } from "node:crypto";
import { AppError, isAppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/log.ts";
import { isSameSecret } from "../../base/text/sameSecret.ts";
import { within } from "../../base/wait.ts";
import type { ChannelAgent } from "../../core/ports/outside/channelAgent.ts";
import type { ChannelReport } from "../../core/ports/outside/channelDesk.ts";
import type { Cursor, Received } from "../channel.ts";
import type { Polling } from "./pollUpdates.ts";
import { readUpdate } from "./readUpdate.ts";
import {
  foreign,
  isSameUrl,
  readCertificate,
  type Registration,
  type WebhookInfo,
  type WebhookSettings,
} from "./registration.ts";
import type { Bot } from "./telegramShapes.ts";

/** Messages as Telegram posts them; see Channel for what each is. */
export interface TelegramWebhook {
  receive(bot: Bot, cursor: Cursor | undefined, signal: AbortSignal): Promise<Received>;
  standing(): Pick<ChannelReport, "webhook" | "error">;
  close(): void;
  leave(bot: Bot | undefined, signal: AbortSignal): Promise<void>;
}

interface WebhookOptions {
  registration: Registration;
  polling: Polling;
  /** How long one call of `receive` waits. */
  pollSeconds: number;
  lookSeconds: number;
  agent: Pick<ChannelAgent, "clock" | "channels" | "log">;
}

interface Post {
  update: unknown;
  done: PromiseWithResolvers<void>;
}

interface Line extends WebhookOptions {
  settings: WebhookSettings;
  /** The gateway's door, while it is open. */
  door?: Disposable | undefined;
  /** The certificate that Telegram was shown, in PEM, if any. */
  shown?: string | undefined;
  /** Telegram posts here, for all that is known. */
  isSet: boolean;
  /** What came in, and is to be stored. */
  waiting: Post[];
  /** The same, and what is being stored. */
  open: Set<Post>;
  wake?: (() => void) | undefined;
  info?: WebhookInfo | undefined;
  lookedAt: number;
  /** Another took the webhook away. */
  fault?: unknown;
  /** When it was registered, and whether a post came here since without its secret. */
  setAt: number;
  hasStray: boolean;
  /** When something was stored last. */
  storedAt: number;
  /** Telegram does not take the webhook: until then messages are fetched. */
  refused?: { why: string; until: number } | undefined;
}

const SECRET_HEADER = "x-telegram-bot-api-secret-token";
// Telegram itself waits for a minute.
const STORE_MS = 20_000;
const AGAIN_MS = 2000;
// As many as Telegram opens connections at most.
const MOST_WAITING = 100;
const REFUSED_MS = 600_000;

export function createWebhook(options: WebhookOptions, settings: WebhookSettings): TelegramWebhook {
  const line: Line = {
    ...options,
    settings,
    isSet: false,
    waiting: [],
    open: new Set(),
    lookedAt: -Infinity,
    setAt: 0,
    hasStray: false,
    storedAt: 0,
  };
  return {
    receive: (bot, cursor, signal) => receive(line, bot, cursor, signal),
    standing: () => standing(line),
    close() {
      shut(line);
      line.refused = undefined;
    },
    async leave(bot, signal) {
      if (bot && line.isSet) await line.registration.deleteOwn(bot, signal);
      line.isSet = false;
    },
  };
}

async function receive(line: Line, bot: Bot, cursor: Cursor | undefined, signal: AbortSignal): Promise<Received> {
  const { polling, agent, refused } = line;
  if (refused && agent.clock.steady() < refused.until) return polling.receive(bot, cursor, signal);
  if (!line.door) {
    if (await begin(line, bot, signal)) return { updates: [], cursor };
    return polling.receive(bot, cursor, signal);
  }
  if (agent.clock.steady() - line.lookedAt >= line.lookSeconds * 1000) lookBeside(line, signal);
  const posts = await next(line, signal);
  // It is set anew.
  if (!line.door) return { updates: [], cursor };
  const updates = posts
    .flatMap(({ update }) => readUpdate(update, bot) ?? [])
    .toSorted((a, b) => Number(a.id) - Number(b.id));
  return {
    updates,
    cursor,
    settle(isStored) {
      if (isStored) noteStored(line, posts.length);
      for (const post of posts) end(line, post, isStored ? undefined : notNow());
    },
  };
}

/** What was taken waits there no more, also until Telegram is asked again. */
function noteStored(line: Line, count: number): void {
  if (count === 0) return;
  line.storedAt = line.agent.clock.now();
  if (line.info) line.info.pending_update_count = Math.max(0, line.info.pending_update_count - count);
}

/** Resolves with whether Telegram posts here from now on; false where it does not take the webhook. */
async function begin(line: Line, bot: Bot, signal: AbortSignal): Promise<boolean> {
  const { agent, settings, registration, polling } = line;
  const secret = randomBytes(32).toString("base64url");
  line.info = undefined;
  line.fault = undefined;
  // Telegram may post before it has answered.
  line.door = agent.channels.posts.open("telegram", {
    host: new URL(settings.url).hostname,
    isFrom(headers) {
      const isRight = isSameSecret(headers.get(SECRET_HEADER) ?? "", secret);
      if (!isRight) line.hasStray = true;
      return isRight;
    },
    take: (update) => take(line, update),
  });
  try {
    line.isSet = true;
    line.hasStray = false;
    line.shown = await registration.set(bot, settings, secret, signal);
    line.setAt = agent.clock.now();
    line.refused = undefined;
    await look(line, signal);
    return true;
  } catch (error) {
    const isTaken = isAppError(error) && error.code === "conflict";
    const isRefused = isAppError(error) && error.code === "bad_request";
    if (isTaken || isRefused) line.isSet = false;
    shut(line);
    if (!isRefused) throw error;
    agent.log.warn("Telegram does not take the webhook: its messages are fetched", { error: describeError(error) });
    line.refused = { why: error.message, until: agent.clock.steady() + REFUSED_MS };
    polling.begin();
    return false;
  }
}

/** Waits a while for what comes in. */
async function next(line: Line, signal: AbortSignal): Promise<Post[]> {
  const { agent, pollSeconds, waiting } = line;
  if (waiting.length === 0 && line.fault === undefined) {
    const came = Promise.withResolvers<void>();
    line.wake = came.resolve;
    await within(agent.clock, pollSeconds * 1000, came.promise, signal);
    line.wake = undefined;
  }
  signal.throwIfAborted();
  if (line.fault !== undefined) throw line.fault;
  return waiting.splice(0);
}

/** Whether the webhook is ours still, and how Telegram fares with it. */
async function look(line: Line, signal: AbortSignal): Promise<void> {
  const { agent, registration, settings } = line;
  line.lookedAt = agent.clock.steady();
  const info = await registration.info(signal);
  line.info = info;
  if (isSameUrl(info.url, settings.url)) {
    const isFailing = (info.last_error_date ?? 0) * 1000 >= line.setAt - 1000;
    const isRefused = isFailing && /\b401\b/.test(info.last_error_message ?? "");
    // Somebody has set the same address by hand, and taken our secret away: here alone it is known, where such posts come.
    // Files are renewed up to an hour before the gateway serves them: until it does, Telegram goes by the one that it was shown.
    if ((isRefused && line.hasStray) || (isFailing && (await isRenewed(line)))) shut(line);
    return;
  }
  line.isSet = false;
  shut(line);
  if (info.url !== "") throw foreign(info.url);
  // Whoever did that would do it again at once, and so on for ever.
  throw new AppError(
    "conflict",
    "Another program has deleted the webhook of this bot: it is set again in ten minutes, or by `pincer channels restart`",
    { retryAfterMs: REFUSED_MS },
  );
}

/** Whether another certificate than Telegram was shown lies there by now; one that cannot be read for now may be at its writing. */
async function isRenewed({ settings, shown }: Line): Promise<boolean> {
  try {
    return (await readCertificate(settings.certificate))?.data.toString() !== shown;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

function lookBeside(line: Line, signal: AbortSignal): void {
  const failed = (error: unknown): void => {
    if (signal.aborted) return;
    const isTaken = isAppError(error) && error.code === "conflict";
    if (isTaken) line.fault = error;
    else line.agent.log.warn("How the webhook fares is not known", { error: describeError(error) });
  };
  void look(line, signal)
    .catch(failed)
    .then(() => line.door || line.wake?.());
}

async function take(line: Line, update: unknown): Promise<void> {
  const { agent, waiting, open } = line;
  if (!Number.isSafeInteger((update as { update_id?: unknown } | null)?.update_id))
    throw new AppError("bad_request", "This is no update of Telegram's: it has no update_id");
  if (open.size >= MOST_WAITING) throw notNow();
  const post: Post = { update, done: Promise.withResolvers<void>() };
  open.add(post);
  waiting.push(post);
  // What is stored later all the same counts once.
  const timer = agent.clock.at(agent.clock.now() + STORE_MS, () => end(line, post, notNow()));
  line.wake?.();
  return post.done.promise.finally(() => timer.dispose());
}

function end(line: Line, post: Post, error?: AppError): void {
  line.open.delete(post);
  const at = line.waiting.indexOf(post);
  if (at >= 0) line.waiting.splice(at, 1);
  if (error) post.done.reject(error);
  else post.done.resolve();
}

/** Takes no more; what is not stored comes again. */
function shut(line: Line): void {
  line.door?.dispose();
  line.door = undefined;
  for (const post of line.open) end(line, post, notNow());
}

function notNow(): AppError {
  return new AppError("unavailable", "Messages cannot be stored for now", { retryAfterMs: AGAIN_MS });
}

function standing({ settings, info, door, refused, storedAt }: Line): Pick<ChannelReport, "webhook" | "error"> {
  if (refused)
    return {
      error: `${refused.why}. Messages are fetched by polling, and the webhook is tried again every ten minutes`,
    };
  if (!door || !info) return {};
  const { url } = settings;
  const { pending_update_count: pending, last_error_message: lastError = null, last_error_date: at } = info;
  const lastErrorAt = at === undefined ? null : isoTime(at * 1000);
  const isFailing = lastError !== null && at !== undefined && at * 1000 > storedAt;
  return {
    webhook: { url, pending, lastError, lastErrorAt },
    ...(isFailing ? { error: `Telegram cannot post messages to ${url}: ${lastError}` } : {}),
  };
}
