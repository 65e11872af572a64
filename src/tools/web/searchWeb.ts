import { AppError } from "../../base/appError.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { cutText } from "../../base/cutText.ts";
import { withoutSecret } from "../../base/redact.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { race, sleep } from "../../base/wait.ts";
import { guardedFetch, type GuardedResponse } from "../../net/guardedFetch.ts";
import { createNetworkGuard } from "../../net/networkGuard.ts";
import type { SearchAnswer, SearchBackend } from "./backends/searchBackend.ts";
import { nameTable } from "../../base/nameTable.ts";

/** Which engine is asked, as the user set it up. */
export interface SearchSetup {
  backend: SearchBackend;
  /** Without a slash at its end. */
  base: string;
  /** "" where none is set up. */
  key: string;
}

/** An engine has answered long before, or does not. */
const MAX_MS = 15_000;

const MAX_BYTES = 2_000_000;

/** An engine that takes one request a second is waited for; one that wants more is left to the model. */
const PATIENCE_MS = 3000;
const MAX_TRIES = 3;

// Those that came too soon come again one after another, not all at once.
const lanes = new Lanes();

interface Search {
  query: string;
  count: number;
  signal: AbortSignal;
  /** Of the system when not given. */
  clock?: Clock;
}

/**
 * What an engine finds. Rejects with a sentence that says what to do where it does not answer, or not with that. Models ask
 * for several searches at once, and some engines take one at a time.
 */
export async function searchWeb(setup: SearchSetup, search: Search): Promise<SearchAnswer> {
  try {
    return await searchOnce(setup, search);
  } catch (error) {
    if (shortWait(error) === undefined) throw error;
    return await race(
      lanes.run(setup.base, () => searchAgain(setup, search, error)),
      search.signal,
    );
  }
}

async function searchAgain(setup: SearchSetup, search: Search, first: unknown): Promise<SearchAnswer> {
  let fault = first;
  for (let tries = 1; tries < MAX_TRIES; tries += 1) {
    const ms = shortWait(fault);
    if (ms === undefined) break;
    await sleep(search.clock ?? systemClock, ms, search.signal);
    try {
      return await searchOnce(setup, search);
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

function shortWait(error: unknown): number | undefined {
  const ms = error instanceof AppError && error.code === "rate_limited" ? error.retryAfterMs : undefined;
  return ms !== undefined && ms <= PATIENCE_MS ? ms : undefined;
}

async function searchOnce(
  { backend, base, key }: SearchSetup,
  { query, count, signal }: Search,
): Promise<SearchAnswer> {
  const { title, keyName } = backend;
  if (keyName !== undefined && key === "")
    throw new AppError("unavailable", `${title} needs a key: set search.apiKey in openclaw.yml, or ${keyName}`);
  // The user named this host, wherever it is; where it sends requests on to is looked at as ever.
  const guard = createNetworkGuard({ named: new URL(base).hostname });
  const { url, ...request } = backend.request({ query, count, base, key });
  const response = await guardedFetch(guard, url, { ...request, signal, timeoutMs: MAX_MS, maxBytes: MAX_BYTES }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      // Without the address, which has the query in it.
      throw error instanceof AppError ? new AppError(error.code, said(backend, error.message, url)) : error;
    },
  );
  if (response.status !== 200) throw refusal(backend, response, key);
  if (response.truncated)
    throw new AppError("provider_error", `${title} answered with more than ${MAX_BYTES} bytes, and is read no further`);
  const answer = backend.read(toJson(response, key));
  if (answer) return answer;
  const kind = response.headers["content-type"] ?? "of no type";
  throw new AppError("provider_error", `${title} answered with what is no list of results (${visibleLine(kind, 80)})`);
}

function said({ title }: SearchBackend, message: string, url: string): string {
  return `${title} was not reached: ${message.replace(url, new URL(url).origin)}`;
}

function refusal(backend: SearchBackend, response: GuardedResponse, key: string): AppError {
  const { title, keyName, explain } = backend;
  const { status } = response;
  const own = backend.said(toJson(response, key));
  const words = own === undefined ? "" : ` It says: ${visibleLine(own)}`;
  if (status === 429) {
    const retryAfterMs = toRetryAfterMs(response);
    const when = retryAfterMs === undefined ? "" : `, and may be asked again in ${Math.ceil(retryAfterMs / 1000)} s`;
    const why = explain?.[status] === undefined ? "" : `: ${explain[status]}`;
    const sentence = `${title} has had too many requests${when}${why}.${words}`;
    return new AppError("rate_limited", sentence, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  const known = explain?.[status];
  if (known !== undefined) return new AppError("provider_error", `${title} refuses (${status}): ${known}.${words}`);
  if ((status === 401 || status === 403) && keyName !== undefined) {
    const fix = `look at search.apiKey in openclaw.yml, or ${keyName}`;
    return new AppError("provider_error", `${title} does not take the key (${status}): ${fix}.${words}`);
  }
  return new AppError("provider_error", `${title} answered with status ${status}.${words}`);
}

/** Seconds or a date; Brave says in other headers when it takes requests again. */
function toRetryAfterMs({ headers }: GuardedResponse): number | undefined {
  const given = headers["retry-after"] ?? spentUntil(headers["x-ratelimit-remaining"], headers["x-ratelimit-reset"]);
  if (/^\s*\d{1,7}\s*$/.test(given)) return Number(given) * 1000;
  const at = Date.parse(given);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Of several limits ("1, 0" left, "1, 1419704" seconds) the longest that is used up; else the first. */
function spentUntil(left: string | string[] | undefined, resets: string | string[] | undefined): string {
  const [lefts, seconds] = [left, resets].map((value) => String(value ?? "").split(","));
  const spent = seconds!.filter((_, index) => Number(lefts![index] || NaN) === 0);
  return spent.toSorted((one, other) => Number(other) - Number(one))[0] ?? seconds![0]!;
}

/** What an answer says, without the key that was sent: an engine that does not take it may say which that was. */
function toJson({ body, truncated }: GuardedResponse, key: string): unknown {
  if (truncated) return undefined;
  // Without the mark that some put before it.
  const text = new TextDecoder().decode(body);
  try {
    return JSON.parse(withoutSecret(text, key));
  } catch {
    return undefined;
  }
}

/** What a model reads of an answer: a number, a title, an address and some words for each. */
export function toResultText({ hits, lacks }: SearchAnswer, query: string, count: number): string {
  const shown = hits
    .filter(({ url }) => /^https?:\/\//i.test(url) && url.length <= 2000 && URL.canParse(url))
    .slice(0, count);
  const note = lacks === undefined ? "" : `\n[${visibleLine(lacks, 500)}]`;
  if (shown.length === 0) return `Nothing was found for ${JSON.stringify(query)}.${note}`;
  const entries = shown.map(({ title, url, text }, index) =>
    [`${index + 1}. ${plain(title, 200) || url}`, `   ${visibleLine(url, 2000)}`, `   ${plain(text, 600)}`]
      .filter((line) => line.trim() !== "")
      .join("\n"),
  );
  return `${entries.join("\n\n")}${note}`;
}

const ENTITIES = nameTable<string>({
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  "#39": "'",
  "#x27": "'",
});

/** Engines mark what was found in a text, and write it as HTML. */
function plain(text: string, max: number): string {
  const words = cutText(text, max * 4)
    .replaceAll(/<\/?[a-z][^<>]{0,100}>/gi, "")
    .replaceAll(/&(#?\w{1,6});/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole)
    .replaceAll(/\s+/g, " ");
  return visibleLine(words.trim(), max);
}
