import { AppError, isAppError } from "../../base/appError.ts";
import { defined } from "../../base/defined.ts";
import { explainStray } from "../../base/text/strayCharacter.ts";
import { outage, overflow, refusal } from "../../core/ports/providerFault.ts";
import { unheld } from "./heldTurns.ts";
import { messageAtFault } from "./messageAtFault.ts";
import type { ProviderOptions } from "./providerKind.ts";
import { readOverflow } from "./overflowWords.ts";
import { isPage, pageWords } from "./pageWords.ts";

/** Who is spoken of in a message about a failed request. */
export interface ErrorSource {
  /** For people, as in "Anthropic". */
  title: string;
  /** Provider id, as in the configuration. */
  id: string;
  /** Environment variable that may hold the key; undefined for servers without one. */
  envKey?: string;
  baseUrl: string;
  model?: string;
  keyElsewhere?: ProviderOptions["keyElsewhere"];
  isForeign?: ProviderOptions["isForeign"];
  /** The messages of the newest request, in its own form and order. */
  sent?: readonly unknown[];
}

/** The error of a request that cannot be made without a key: says how to set one, and which editor keeps one for itself. */
export async function missingKey(source: ErrorSource): Promise<AppError> {
  const { title, keyElsewhere, isForeign } = source;
  const other = isForeign ? undefined : await keyElsewhere?.().catch(() => undefined);
  const why =
    other === undefined
      ? `No API key is set for ${title}.`
      : `No API key is set for ${title} here. ${other} has one, but each editor keeps its keys to itself, and this runs in another: set it here, too.`;
  return new AppError("unavailable", `${why} ${howToSetKey(source)}`);
}

/** The error of a key that no request can carry; undefined for any other. Never repeats the key. */
export function unusableKey(source: ErrorSource, key: string): AppError | undefined {
  const stray = explainStray(key);
  return stray === undefined
    ? undefined
    : new AppError(
        "unavailable",
        `The API key for ${source.title} is not as it is written: ${stray}. ${howToSetKey(source)}`,
      );
}

/** The key to ask with. Rejects with `unavailable` where there is none, or none that can be sent. */
export async function neededKey(
  apiKey: (() => Promise<string | undefined>) | undefined,
  source: ErrorSource,
): Promise<string> {
  const key = await apiKey?.();
  if (!key) throw await missingKey(source);
  const unusable = unusableKey(source, key);
  if (unusable) throw unusable;
  return key;
}

function howToSetKey(source: ErrorSource): string {
  if (source.isForeign) {
    const yours = `name it under providers.${source.id}.baseUrl in your own openclaw.yml as well, if your key may go there`;
    return `Its address ${source.baseUrl} is one of the folder's openclaw.yml, and your keys are not sent to it: ${yours}.`;
  }
  const env = source.envKey ? `, set ${source.envKey},` : "";
  return `Run "Pincer: Set API key…"${env} or set providers.${source.id}.apiKey in openclaw.yml.`;
}

/** An error that a provider told inside an answer, in the form its SDK would give it. */
export function toldError(error: unknown): Error {
  const message = (error as { message?: unknown } | null)?.message;
  return Object.assign(new Error(typeof message === "string" ? message : JSON.stringify(error)), { error });
}

/** A stream that stopped before the provider said that it was done. */
export function cutStream(source: ErrorSource): AppError {
  return outage(`${source.title} broke off its answer in the middle`);
}

/**
 * What a caller should see of an SDK's error, or the value itself when it is a bug of ours. A history that is too long
 * and an outage are told apart as core/providerFault.ts reads them.
 */
export function toProviderError(error: unknown, source: ErrorSource, refused?: Refusal): unknown {
  if (isAppError(error) || !(error instanceof Error)) return error;
  const said = readError(error);
  // An SDK that cannot read the body of a refusal forgets its status.
  const status = said.status ?? refused?.status;
  if (status === undefined) return toConnectionError(error, source);
  return toStatusError(error, { ...said, status, retryAfterMs: said.retryAfterMs ?? refused?.retryAfterMs }, source);
}

const LONGEST_WAIT_MS = 86_400_000;

/** A wait that a provider asks for, at most a day: what is longer is a number gone wrong, or the user's to decide. */
export function toWaitMs(askedMs: number): number {
  return Math.min(Math.max(0, askedMs), LONGEST_WAIT_MS);
}

/** The status and the words of an SDK's error, for those who know how to ask again. */
export function readRefusal(error: unknown): { status?: number; words: string } {
  if (!(error instanceof Error) || isAppError(error)) return { words: "" };
  const { status, reason, sentence } = readError(error);
  return { ...defined({ status }), words: `${reason} ${sentence}` };
}

/** The newest response of a request, when it was an error. */
export interface Refusal {
  status: number;
  retryAfterMs?: number;
}

interface Said {
  status?: number;
  /** The API's own machine-readable reason. */
  reason: string;
  /** The provider's own sentence. */
  sentence: string;
  /** A moderator before the model has read the request, as OpenRouter's does. */
  moderated: boolean;
  retryAfterMs?: number;
}

// The time, the conflict, the lock or the capacity of that moment: 498 is Groq's, 499 Google's for what its own side called off.
const PASSING = new Set([408, 409, 423, 424, 425, 498, 499]);
const FOR_WHAT_IS_IN_IT = new Set([400, 413, 415, 422]);
// Anthropic, LiteLLM, Alibaba and xAI say in words alone, as if the request or the key were wrong, that there is no money.
const SPENT =
  /credit balance is too low|specified (?:\w+ )*usage limits|budget has been exceeded|budget_exceeded|arrearage|account is in good standing|used all available credits|have any credits/i;
// Azure, Anthropic, OpenAI and Alibaba, of what they looked at beside the model.
const MODERATED =
  /content_filter|content (?:management|filtering) polic|flagged as potentially violating|data_inspection_failed|inappropriate content/i;

function toStatusError(cause: Error, said: Said, source: ErrorSource): AppError {
  const { status = 0, reason, sentence, retryAfterMs } = said;
  const { title } = source;
  const fail = (message: string) => new AppError("provider_error", message, { cause });
  const words = status === 400 || status === 403 ? `${reason} ${sentence}` : "";
  if (said.moderated || MODERATED.test(words))
    return fail(`${title} refused the request for what it says (${status}: ${sentence})`);
  const spent = `${title} says that the balance or quota is used up (${status}: ${sentence})`;
  if (SPENT.test(words)) return fail(spent);
  if (status === 401 || status === 403 || /API_KEY_INVALID|API key not valid/i.test(reason + sentence)) {
    return fail(
      `${title} refused the API key of provider "${source.id}" (${status}: ${sentence}). ${howToSetKey(source)}`,
    );
  }
  // Waiting does not bring back a spent balance, so it is no rate limit.
  if (status === 402 || /insufficient_quota|billing|insufficient.balance|exceeded_current_quota/i.test(reason))
    return fail(spent);
  const tooLong = readOverflow(`${reason} ${sentence}`) ?? (status === 413 ? {} : undefined);
  // A minute's allowance that is smaller than the request never lets it through, however long one waits.
  if (tooLong && (status !== 429 || /request too large/i.test(sentence))) {
    const message = `The history no longer fits into the context window of ${source.model ?? "the model"}: ${sentence}. Compact or reset the session.`;
    return overflow(message, cause, tooLong.limitTokens);
  }
  if (status === 429) {
    const wait = retryAfterMs === undefined ? "" : ` Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    return new AppError("rate_limited", `${title} limits the rate of requests: ${sentence}${wait}`, {
      cause,
      ...defined({ retryAfterMs }),
    });
  }
  if (status === 404) return fail(`${title} does not know model ${source.model ?? "asked for"} (404: ${sentence})`);
  if (status >= 500 || PASSING.has(status)) return outage(`${title} failed (${status}: ${sentence})`, { cause });
  const refused = `${title} refused the request (${status}: ${sentence})`;
  if (!FOR_WHAT_IS_IN_IT.has(status)) return fail(refused);
  return refusal(`${refused}${messageAtFault(sentence, source.sent && unheld(source.sent))}`, cause);
}

function toConnectionError(error: Error, source: ErrorSource): unknown {
  const { title, baseUrl } = source;
  const text = causeText(error);
  const fail = (message: string) => new AppError("provider_error", message, { cause: error });
  const away = (message: string) => outage(message, { cause: error });
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(text)) {
    return fail(
      `The certificate of ${baseUrl} is not trusted. Behind a company proxy, add its certificate to the system's store or to NODE_EXTRA_CA_CERTS.`,
    );
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(text))
    return away(`${title} cannot be found at ${baseUrl}: is this machine offline, or behind a proxy?`);
  if (/ECONNREFUSED/.test(text)) return away(`Nothing answers at ${baseUrl}: is the server of ${title} running?`);
  if (/ETIMEDOUT|CONNECT_TIMEOUT|HEADERS_TIMEOUT|timed out/i.test(text))
    return away(`${title} did not answer in time at ${baseUrl}`);
  if (
    /ECONNRESET|EPIPE|other side closed|UND_ERR|\bterminated\b|fetch failed|Connection error|premature close/i.test(
      text,
    )
  ) {
    return away(`The connection to ${title} broke off`);
  }
  if (error instanceof SyntaxError || /JSON|parsing stream|Unexpected (end|token)/i.test(text))
    return fail(`${title} sent an answer that cannot be read`);
  return error;
}

/** Names, codes and messages of an error and its causes. */
function causeText(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    parts.push(at.name, at.message, String((at as { code?: unknown }).code ?? ""));
    if (at instanceof AggregateError) parts.push(...at.errors.map((inner) => causeText(inner)));
  }
  return parts.join(" ");
}

/** The three SDKs' errors, and errors told inside a stream, in one form. */
function readError(error: Error): Said {
  const raw = error as Error & { status?: unknown; error?: unknown; code?: unknown; type?: unknown };
  const body = innermost(raw.error) ?? innermost(parseJson(error.message)) ?? {};
  const reason = [body.type, body.code, body.status, raw.code, raw.type, JSON.stringify(body.details ?? "")]
    .filter((part) => typeof part === "string" || typeof part === "number")
    .join(" ");
  const told = raw.error !== undefined && raw.error !== null && raw.error !== "";
  const status = typeof raw.status === "number" ? raw.status : told ? statusOf(body.code, reason) : undefined;
  const delay = /"retryDelay":"(\d[\d.]*)s"/.exec(reason)?.[1];
  return {
    reason,
    sentence: toSentence(body, error),
    moderated: body.metadata?.flagged_input !== undefined,
    ...defined({ status }),
    ...(delay ? { retryAfterMs: toWaitMs(Number.parseFloat(delay) * 1000) } : {}),
  };
}

function toSentence(body: ErrorFields, error: Error): string {
  const said = typeof body.message === "string" && body.message ? body.message : error.message;
  // OpenRouter passes on what the provider behind it said.
  const raw = body.metadata?.raw;
  const behind = typeof raw === "string" && raw ? `${said}: ${innermost(parseJson(raw))?.message ?? raw}` : said;
  return (isPage(behind) ? pageWords(behind) : behind).trim().replace(/\.$/, "");
}

// An error told inside a stream has no status of its own, because the stream began with 200; many tell it as their code.
function statusOf(code: unknown, reason: string): number {
  const number = Number(code);
  if (Number.isInteger(number) && number >= 400 && number < 600) return number;
  if (/overloaded/i.test(reason)) return 529;
  if (/rate_?limit|too_many_requests|resource_exhausted/i.test(reason)) return 429;
  if (/authentication|invalid_api_key|unauthorized|permission/i.test(reason)) return 401;
  if (/insufficient_quota|billing|insufficient.balance|payment/i.test(reason)) return 402;
  return /invalid.?(request|argument|prompt)|bad_?request|context_length/i.test(reason) ? 400 : 500;
}

interface ErrorFields {
  type?: unknown;
  code?: unknown;
  status?: unknown;
  message?: unknown;
  details?: unknown;
  metadata?: { raw?: unknown; flagged_input?: unknown };
}

/** The fields that tell what went wrong, at whatever depth; xAI and LM Studio say it in a plain text. */
function innermost(body: unknown): ErrorFields | undefined {
  if (typeof body === "string" && body !== "") return { message: body };
  if (typeof body !== "object" || body === null) return undefined;
  const fields = body as ErrorFields & { error?: unknown; detail?: unknown };
  const inner = innermost(fields.error);
  if (inner) return { ...fields, ...inner };
  return fields.message === undefined && typeof fields.detail === "string"
    ? { ...fields, message: fields.detail }
    : fields;
}

function parseJson(text: string): unknown {
  const start = text.indexOf("{");
  if (start === -1) return undefined;
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}
