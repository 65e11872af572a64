import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import { addressKind } from "../../src/net/publicAddress.ts";
import { type FormFile, Refusal } from "./telegramForm.ts";

/** A webhook as it is set. */
export interface FakeWebhook {
  url: string;
  secret: string;
  allowed?: unknown;
  certificate?: string;
  maxConnections: number;
  ipAddress?: string;
  lastError?: { at: number; message: string };
}

interface Update {
  update_id: number;
}

interface Wanted {
  /** What Telegram holds for the bot. */
  pending(): Update[];
  /** It was taken: Telegram forgets it. */
  forget(update: Update): void;
  changed(): void;
}

/** What Telegram does with what it holds, as long as a webhook is set: it posts, in each chat in order, again after a refusal. */
export interface WebhookPoster {
  current(): FakeWebhook | undefined;
  /** `isLocal`: of a Bot API server of one's own, which also reaches private addresses, without TLS. Throws a Refusal. */
  set(params: Record<string, unknown>, file: FormFile | undefined, isLocal: boolean): void;
  /** As another program does, which has its address elsewhere. */
  put(url: string | undefined): void;
  delete(): void;
  look(): void;
  /** As getWebhookInfo tells it. */
  info(): unknown;
  /** What was answered to each post, in order; "closed" where nothing was. */
  answers: { update: number; status: number | "closed" }[];
}

const A_SECOND = 1000;
const MAX_CERTIFICATE = 3 * 1024 * 1024;
const AGAIN_MS = 25;

export function createWebhookPoster({ pending, forget, changed }: Wanted): WebhookPoster {
  let webhook: FakeWebhook | undefined;
  let generation = 0;
  let setAt = 0;
  const busy = new Map<string, http.ClientRequest | undefined>();
  const notBefore = new Map<number, number>();
  const answers: WebhookPoster["answers"] = [];

  const end = (): void => {
    generation += 1;
    for (const request of busy.values()) request?.destroy();
    busy.clear();
    notBefore.clear();
    webhook = undefined;
  };
  const look = (): void => {
    if (!webhook || !isHere(webhook.url)) return;
    for (const update of pending()) {
      const queue = queueOf(update);
      if (busy.has(queue) || busy.size >= webhook.maxConnections) continue;
      busy.set(queue, undefined);
      const own = generation;
      const wait = (notBefore.get(update.update_id) ?? 0) - Date.now();
      const go = () => own === generation && post(update, queue);
      if (wait > 0) setTimeout(go, wait).unref();
      else go();
    }
  };
  const post = (update: Update, queue: string): void => {
    const own = generation;
    const { url, secret, certificate } = webhook!;
    const body = JSON.stringify(update);
    const send = url.startsWith("https:") ? https.request : http.request;
    const over = (status: number | "closed", why: string, retryAfterMs = AGAIN_MS): void => {
      if (own !== generation) return;
      busy.delete(queue);
      answers.push({ update: update.update_id, status });
      if (typeof status === "number" && status >= 200 && status <= 299) forget(update);
      else {
        webhook!.lastError = { at: Math.floor(Date.now() / 1000), message: why };
        notBefore.set(update.update_id, Date.now() + retryAfterMs);
      }
      changed();
      look();
    };
    const request = send(url, {
      method: "POST",
      agent: false,
      ...(certificate === undefined ? {} : { ca: certificate }),
      headers: {
        // Telegram names the host without its port.
        host: new URL(url).hostname,
        ...(secret === "" ? {} : { "x-telegram-bot-api-secret-token": secret }),
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "accept-encoding": "gzip, deflate",
      },
    });
    busy.set(queue, request);
    request.on("response", (response) => {
      response.resume();
      response.on("end", () => {
        const { statusCode = 0, statusMessage = "", headers } = response;
        const wait = Number(headers["retry-after"] ?? 0) * A_SECOND;
        over(statusCode, `Wrong response from the webhook: ${statusCode} ${statusMessage}`, wait || AGAIN_MS);
      });
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const isTls = /certificate|SSL|altname/i.test(error.message) || error.code === "DEPTH_ZERO_SELF_SIGNED_CERT";
      over("closed", isTls ? `SSL error {${error.message}}` : "Connection refused");
    });
    request.end(body);
  };

  return {
    answers,
    current: () => webhook,
    set(params, file, isLocal) {
      const url = String(params["url"] ?? "");
      if (url === "") return end();
      if (Date.now() - setAt < A_SECOND) throw new Refusal(429, "Too Many Requests: retry after 1", { retry_after: 1 });
      setAt = Date.now();
      // The one before is closed first, whatever becomes of this one.
      end();
      const secret = String(params["secret_token"] ?? "");
      check(url, secret, file, isLocal);
      webhook = {
        url,
        secret,
        allowed:
          typeof params["allowed_updates"] === "string"
            ? JSON.parse(params["allowed_updates"])
            : params["allowed_updates"],
        maxConnections: Number(params["max_connections"] ?? 40),
        ...(file ? { certificate: file.data.toString() } : {}),
        ...(params["ip_address"] === undefined ? {} : { ipAddress: String(params["ip_address"]) }),
      };
      look();
    },
    put(url) {
      end();
      if (url !== undefined) webhook = { url, secret: "theirs", maxConnections: 40 };
    },
    delete: end,
    look,
    info() {
      const {
        url = "",
        certificate,
        lastError,
        maxConnections,
        ipAddress,
        allowed,
      } = webhook ?? ({} as Partial<FakeWebhook>);
      return {
        url,
        has_custom_certificate: certificate !== undefined,
        pending_update_count: pending().length,
        ...(lastError ? { last_error_date: lastError.at, last_error_message: lastError.message } : {}),
        ...(url === "" ? {} : { max_connections: maxConnections, ip_address: ipAddress ?? "<unknown>" }),
        ...(allowed === undefined ? {} : { allowed_updates: allowed }),
      };
    },
  };
}

/** In the words of the Bot API server. */
function check(url: string, secret: string, file: FormFile | undefined, isLocal: boolean): void {
  const refuse = (why: string): never => {
    throw new Refusal(400, `Bad Request: ${why}`);
  };
  if (!URL.canParse(url)) refuse("invalid webhook URL specified");
  if (secret.length > 256) refuse("secret token is too long");
  if (!/^[\w-]*$/.test(secret)) refuse("secret token contains unallowed characters");
  if (file && file.data.length > MAX_CERTIFICATE) refuse(`certificate size is too big (${file.data.length} bytes)`);
  const { protocol, port, hostname } = new URL(url);
  if (isLocal) return;
  if (protocol !== "https:") refuse("bad webhook: An HTTPS URL must be provided for webhook");
  if (!["", "443", "80", "88", "8443"].includes(port))
    refuse("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
  if (isIP(hostname.replaceAll(/[[\]]/g, "")) === 6) refuse("bad webhook: IPv6-only addresses are not allowed");
  if (isIP(hostname) === 4 && addressKind(hostname) !== "public")
    refuse(`bad webhook: IP address ${hostname} is reserved`);
  if (hostname.endsWith(".invalid")) refuse("bad webhook: Failed to resolve host: Name or service not known");
}

/** Whether a test may post there at all. */
function isHere(url: string): boolean {
  return ["127.0.0.1", "localhost"].includes(new URL(url).hostname);
}

interface Told extends Update {
  message?: { chat?: { id: number } };
  edited_message?: { chat?: { id: number } };
  callback_query?: { message?: { chat: { id: number } } };
}

/** Telegram keeps the order within a chat, and within no more. */
function queueOf(update: Told): string {
  const { message, edited_message: edited, callback_query: query } = update;
  const chat = (message ?? edited)?.chat?.id ?? query?.message?.chat.id;
  return chat === undefined ? `update ${update.update_id}` : String(chat);
}
