import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { SendFault, sendOnce } from "../../net/sendOnce.ts";
import { callMs, type FormFile, toMultipart } from "../multipart.ts";
import { createRateLimits, type RateLimits } from "./rateLimits.ts";
import { defined } from "../../base/defined.ts";

/** A call of Discord's REST API was refused, was not made for now, or nobody knows what became of it. Holds no token. */
export class DiscordFault extends Error {
  /** As HTTP has it; 0 where Discord did not answer. */
  readonly status: number;
  /** Discord's own number for it; 0 where it told none. */
  readonly code: number;
  readonly retryAfterMs: number | undefined;
  /** Whether what was asked for may have been done all the same. */
  readonly isDoubtful: boolean;

  constructor(message: string, more: { status: number; isDoubtful: boolean; code?: number; retryAfterMs?: number }) {
    super(message);
    this.status = more.status;
    this.code = more.code ?? 0;
    this.isDoubtful = more.isDoubtful;
    this.retryAfterMs = more.retryAfterMs;
  }
}

export interface RestCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Beneath the API's address, with the numbers in it: "/channels/123/messages". */
  path: string;
  body?: Record<string, unknown>;
  file?: FormFile;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Its address says who may call it. */
  isPublic?: boolean;
}

export interface DiscordRest {
  /** Rejects with a DiscordFault; of status 429, without having asked, where Discord has said that it would not take it now. */
  call<T>(call: RestCall): Promise<T>;
  /** A file that came with a message, from where Discord keeps them. */
  download(url: string, signal: AbortSignal): Promise<Buffer>;
  /** Whether a gateway may be at this address: it gets the token. */
  isGateway(url: string): boolean;
}

const DOWNLOAD_MS = 120_000;
const MAX_ANSWER_BYTES = 16_000_000;
/** What goes into a message of a model at most. */
export const MAX_FILE_BYTES = 20_000_000;
const CDN = new Set(["cdn.discordapp.com", "media.discordapp.net"]);

interface RestOptions {
  token: string;
  apiRoot: string;
  clock: Clock;
}

/** `bad_request` for what is no token of a bot. */
export function createDiscordRest({ token, apiRoot, clock }: RestOptions): DiscordRest {
  if (!/^[\w.-]{10,200}$/.test(token))
    throw new AppError(
      "bad_request",
      "channels.discord.token is no token of a bot, as in MTIz….Gabc.xyz…: the Developer Portal gives it under Bot",
    );
  const root = withVersion(apiRoot);
  const limits = createRateLimits(() => clock.steady());
  const hide = (text: string) => text.replaceAll(token, "[token]");
  const { protocol, host } = new URL(root);
  const isSafe = protocol === "https:";
  return {
    call: (call) => callOnce({ root, token, limits, hide }, call),
    async download(url, signal) {
      const there = URL.canParse(url) ? new URL(url) : undefined;
      const isTheirs = isSafe ? there?.protocol === "https:" && CDN.has(there.host) : there?.host === host;
      if (!isTheirs) throw new AppError("provider_error", "Discord gave a strange address of a file");
      const { status, body } = await sendOnce({
        url,
        timeoutMs: DOWNLOAD_MS,
        maxBytes: MAX_FILE_BYTES,
        signal,
      }).catch((error: unknown) => {
        if (error instanceof SendFault && error.isTooLarge)
          throw new AppError("payload_too_large", "It has more than the 20 MB that are taken at most");
        throw toFault("the file", error);
      });
      if (status !== 200)
        throw new DiscordFault(`Discord answered ${status} for a file`, { status, isDoubtful: false });
      return body;
    },
    isGateway: (url) => URL.canParse(url) && (isSafe ? ["wss:"] : ["ws:", "wss:"]).includes(new URL(url).protocol),
  };
}

/** Discord's own address, or that of a server that stands for it, to its API. */
function withVersion(apiRoot: string): string {
  const root = apiRoot.replace(/\/+$/, "");
  if (/\/v\d+$/.test(root)) return root;
  return root.endsWith("/api") ? `${root}/v10` : `${root}/api/v10`;
}

interface Line {
  root: string;
  token: string;
  limits: RateLimits;
  hide: (text: string) => string;
}

async function callOnce<T>({ root, token, limits, hide }: Line, call: RestCall): Promise<T> {
  const { method, path, body, file, signal, timeoutMs = callMs(file), isPublic = false } = call;
  const route = routeOf(method, path);
  const wait = limits.take(route, isPublic);
  if (wait > 0)
    throw new DiscordFault(`Discord takes no ${route.name} for now`, {
      status: 429,
      isDoubtful: false,
      retryAfterMs: wait,
    });
  const form = file && toMultipart({ payload_json: JSON.stringify(body ?? {}) }, file);
  const json = body && JSON.stringify(body);
  const content = form?.body ?? json;
  const sent = await sendOnce({
    url: `${root}${path}`,
    method,
    headers: {
      "user-agent": "DiscordBot (https://example.org/pincer, 1)",
      ...(isPublic ? {} : { authorization: `Bot ${token}` }),
      ...(content === undefined ? {} : { "content-type": form?.type ?? "application/json" }),
    },
    ...defined({ body: content }),
    timeoutMs,
    maxBytes: MAX_ANSWER_BYTES,
    ...(signal ? { signal } : {}),
  }).catch((error: unknown) => {
    throw toFault(route.name, error);
  });
  return readAnswer<T>(route, sent, limits, hide);
}

/** What one limit counts for: the method, the path without its numbers, and the first of these. */
function routeOf(method: string, path: string): { name: string; major: string } {
  const [bare = ""] = path.split("?");
  const major = /^\/(?:channels|guilds|webhooks|interactions)\/(\d+)/.exec(bare)?.[1] ?? "";
  const name = bare.replaceAll(/\/\d{3,}(?=\/|$)/g, "/…").replace(/^(\/(?:webhooks|interactions)\/…\/)[^/]+/, "$1…");
  return { name: `${method} ${name.replace(/\/reactions\/.*$/, "/reactions")}`, major };
}

function toFault(what: string, error: unknown): DiscordFault {
  if (!(error instanceof SendFault)) throw error;
  return new DiscordFault(`Discord did not answer ${what}: ${error.message}`, {
    status: 0,
    isDoubtful: error.maybeSent,
  });
}

interface Told {
  message?: unknown;
  code?: unknown;
  retry_after?: unknown;
  global?: unknown;
}

function readAnswer<T>(
  route: { name: string; major: string },
  { status, headers, body }: { status: number; headers: IncomingHttpHeaders; body: Buffer },
  limits: RateLimits,
  hide: (text: string) => string,
): T {
  limits.told(route, headers);
  let answer: unknown;
  try {
    answer = body.length === 0 ? undefined : JSON.parse(body.toString("utf8"));
  } catch {
    // A page of some gateway between here and there; what was asked for may have been done.
    if (status < 300)
      throw new DiscordFault(`What answered ${route.name} is not Discord`, { status, isDoubtful: true });
  }
  if (status >= 200 && status < 300) return answer as T;
  const told: Told = typeof answer === "object" && answer !== null ? (answer as Told) : {};
  const retryAfterMs = status === 429 ? limits.refused(route, headers, told) : undefined;
  const reason = typeof told.message === "string" ? `: ${told.message.slice(0, 300)}` : "";
  throw new DiscordFault(`Discord answered ${status} to ${route.name}${hide(reason)}`, {
    status,
    code: typeof told.code === "number" ? told.code : 0,
    // Only a refusal in Discord's own words is certain.
    isDoubtful: status !== 429 && !(status >= 400 && status < 500 && typeof told.message === "string"),
    ...defined({ retryAfterMs }),
  });
}
