import { AppError } from "../../base/appError.ts";
import { boundedFetch } from "../wire/boundedFetch.ts";
import { createPlaceCheck } from "./serverFetch.ts";

/** Who signs people in answers long before, or does not. */
const MAX_MS = 15_000;

/**
 * `fetch` for finding out who signs in for a server, and for its tokens. What the user set up as headers of the server goes
 * to its own origin alone, and what is posted to the origin alone that it is meant for. A member that is null is left out, as it means the same to those who write it. Of what is no token,
 * nothing comes back but why: the SDK prints it.
 */
export function createAuthFetch(
  serverUrl: string,
  headers: Record<string, string>,
  maxMs = MAX_MS,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  const { origin } = new URL(serverUrl);
  const check = createPlaceCheck(serverUrl);
  return async (url, init = {}) => {
    const asked = new URL(url);
    const late = AbortSignal.timeout(maxMs);
    const sent = new Headers(init.headers);
    if (asked.origin === origin) for (const [name, value] of Object.entries(headers)) addHeader(sent, name, value);
    const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
    const ask: typeof fetch = async (input, given) => {
      const at = new URL(String(input));
      await check(at);
      // A code, a secret or a token is in it.
      if (at.origin !== asked.origin && given?.body)
        throw new AppError(
          "forbidden",
          `${asked.origin} leads to ${at.origin}: what is posted to sign in is not sent there`,
        );
      return await fetch(at, given);
    };
    try {
      const response = await boundedFetch(ask, url, { ...init, headers: sent, signal });
      const text = await response.text();
      const { status, statusText } = response;
      // A body is no part of some statuses.
      const body = init.method === "POST" ? safeAnswer(text, response.ok, sentSecrets(init.body)) : withoutNulls(text);
      return new Response(body === "" ? null : body, { status, statusText, headers: response.headers });
    } catch (error) {
      if (!late.aborted || init.signal?.aborted) throw error;
      throw new AppError("timed_out", `${asked.origin}${asked.pathname} gave no answer within ${maxMs / 1000} s`);
    }
  };
}

function addHeader(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) headers.set(name, value);
}

function withoutNulls(text: string): string {
  const members = membersOf(text);
  return members ? JSON.stringify(Object.fromEntries(members)) : text;
}

/** An answer that can be read, or of a refusal its reason; without what was sent and must be read by nobody. */
function safeAnswer(text: string, isOk: boolean, secrets: string[]): string {
  const members = membersOf(text);
  if (!members) return "";
  if (isOk) return JSON.stringify(Object.fromEntries(members));
  const said = members.flatMap(([name, value]) =>
    REASONS.has(name) && typeof value === "string"
      ? [[name, secrets.reduce((words, secret) => words.replaceAll(secret, "(secret)"), value)]]
      : [],
  );
  return JSON.stringify(Object.fromEntries(said));
}

const REASONS: ReadonlySet<string> = new Set(["error", "error_description", "error_uri"]);
const SECRETS = ["refresh_token", "code", "code_verifier", "client_secret"];

function sentSecrets(body: RequestInit["body"]): string[] {
  if (!(body instanceof URLSearchParams)) return [];
  return SECRETS.flatMap((name) => body.get(name) || []);
}

/** Of a JSON object, those that are something; undefined for any other text. */
function membersOf(text: string): [string, unknown][] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.entries(value).filter(([, member]) => member !== null);
  } catch {
    return undefined;
  }
}
