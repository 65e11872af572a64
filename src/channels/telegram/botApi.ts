import { AppError } from "../../base/appError.ts";
import { SendFault, sendOnce } from "../../net/sendOnce.ts";
import { callMs, type FormFile, toMultipart } from "../multipart.ts";

/** A method of Telegram's Bot API was refused, or nobody knows what became of it. Holds no token. */
export class BotFault extends Error {
  /** Telegram's number, as HTTP has it; 0 where it did not answer. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** The group's new number, where it has become a supergroup. */
  readonly movedTo: string | undefined;
  /** Whether what was asked for may have been done all the same. */
  readonly isDoubtful: boolean;

  constructor(message: string, more: { status: number; isDoubtful: boolean; retryAfterMs?: number; movedTo?: string }) {
    super(message);
    this.status = more.status;
    this.isDoubtful = more.isDoubtful;
    this.retryAfterMs = more.retryAfterMs;
    this.movedTo = more.movedTo;
  }
}

export interface BotApi {
  /** Rejects with a BotFault. */
  call<T>(method: string, params: Record<string, unknown>, options?: CallOptions): Promise<T>;
  /** A file by the path that getFile gave, within two minutes. */
  download(path: string, signal: AbortSignal): Promise<Buffer>;
}

interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
  file?: FormFile;
}

// Longer waits are told to nobody's benefit.
const LONGEST_WAIT_MS = 3_600_000;
const DOWNLOAD_MS = 120_000;
const MAX_ANSWER_BYTES = 16_000_000;
/** What Telegram gives bots, and what goes into a message of a model at most. */
export const MAX_FILE_BYTES = 20_000_000;

export function createBotApi({ token, apiRoot }: { token: string; apiRoot: string }): BotApi {
  if (!/^\d{1,20}:[\w-]{8,100}$/.test(token))
    throw new AppError(
      "bad_request",
      "channels.telegram.token is no token of a bot, as in 123456:ABC-DEF: BotFather gives it",
    );
  const root = apiRoot.replace(/\/+$/, "");
  return {
    async call<T>(method: string, params: Record<string, unknown>, options: CallOptions = {}) {
      const { signal, file, timeoutMs = callMs(file) } = options;
      const form = file && toMultipart(params, file);
      const sent = await sendOnce({
        url: `${root}/bot${token}/${method}`,
        headers: { "content-type": form?.type ?? "application/json" },
        body: form?.body ?? JSON.stringify(params),
        timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
        ...(signal ? { signal } : {}),
      }).catch((error: unknown) => {
        throw toFault(method, error);
      });
      return readAnswer<T>(method, sent, (text) => text.replaceAll(token, "[token]"));
    },
    async download(path, signal) {
      // It comes from Telegram, and goes into an address with the token in it.
      if (/(^|\/)\.\.?(\/|$)|[?#\\]|^\//.test(path))
        throw new AppError("provider_error", "Telegram gave a strange path of a file");
      const { status, body } = await sendOnce({
        url: `${root}/file/bot${token}/${path.split("/").map(encodeURIComponent).join("/")}`,
        timeoutMs: DOWNLOAD_MS,
        maxBytes: MAX_FILE_BYTES,
        signal,
      }).catch((error: unknown) => {
        if (error instanceof SendFault && error.isTooLarge)
          throw new AppError("payload_too_large", "It has more than the 20 MB that are taken at most");
        throw toFault("the file", error);
      });
      if (status !== 200) throw new BotFault(`Telegram answered ${status} for a file`, { status, isDoubtful: false });
      return body;
    },
  };
}

function toFault(method: string, error: unknown): BotFault {
  if (!(error instanceof SendFault)) throw error;
  return new BotFault(`Telegram did not answer ${method}: ${error.message}`, {
    status: 0,
    isDoubtful: error.maybeSent,
  });
}

interface Answer {
  ok?: unknown;
  result?: unknown;
  error_code?: unknown;
  description?: unknown;
  parameters?: { retry_after?: unknown; migrate_to_chat_id?: unknown };
}

function readAnswer<T>(
  method: string,
  { status, body }: { status: number; body: Buffer },
  hide: (text: string) => string,
): T {
  let answer: Answer | undefined;
  try {
    answer = JSON.parse(body.toString("utf8")) as Answer;
  } catch {
    // A page of some gateway between here and there; what was asked for may have been done.
  }
  if (answer?.ok === true && "result" in answer) return answer.result as T;
  const code = typeof answer?.error_code === "number" ? answer.error_code : status;
  // Whoever stands in between says it without Telegram's words.
  const isTold = code === 413 || (answer?.ok === false && code >= 400 && code < 500);
  const { retry_after: wait, migrate_to_chat_id: moved } = answer?.parameters ?? {};
  throw new BotFault(`Telegram answered ${code} to ${method}${hide(reasonOf(answer))}`, {
    status: code,
    // Only a refusal in Telegram's own words is certain.
    isDoubtful: !isTold,
    ...(typeof wait === "number" && wait >= 0 ? { retryAfterMs: Math.min(wait * 1000, LONGEST_WAIT_MS) } : {}),
    ...(typeof moved === "number" ? { movedTo: String(moved) } : {}),
  });
}

function reasonOf(answer: Answer | undefined): string {
  return typeof answer?.description === "string" ? `: ${answer.description.slice(0, 300)}` : "";
}
