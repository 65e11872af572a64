import { AppError } from "../../base/appError.ts";
import { explainStray } from "../../base/text/strayCharacter.ts";
import { decodeText } from "../../base/text/textBytes.ts";
import { defined } from "../../base/defined.ts";
import { isLoopback, toAddressKey } from "../../net/loopback.ts";
import type { Attempt } from "./attempts.ts";
import { mediaType, readHeaders } from "./headers.ts";
import type { Hosts } from "./hosts.ts";
import type { RequestLimits } from "./requestLimits.ts";
import type { PhoneScope } from "../../protocol/outside/phone.ts";
import { checkScope, type Scope } from "../calls/scope.ts";
import { parseTarget } from "../calls/target.ts";
import { noPageServed, type Principal, type Tokens } from "./tokens.ts";

export const BODY_LIMIT = 1024 * 1024;

/** What is known of a request before its body. */
export interface Head {
  method: string;
  target: string;
  rawHeaders: string[];
  remoteAddress: string;
}

/** What the checks need to know of what is served at a path. */
export interface Guarded {
  verbs: readonly string[];
  /** Absent: served without a token. */
  scope?: Scope;
  /** Which right of a paired phone opens it; absent: none does. */
  phone?: PhoneScope;
  /** Who may come in, where that is not for the gateway's tokens to say; throws what is told instead. Checked where they are. */
  admit?(arrival: Arrival): void;
  /** Whether bodies of this media type are taken besides JSON. */
  takes?(type: string): boolean;
  /** Whether it is called by this Host, besides those that the gateway answers to: where what proves a caller is no browser's. */
  isHost?(path: string, host: string): boolean;
}

/** Who asks for what, before the body is read. */
export interface Arrival {
  path: string;
  headers: Map<string, string>;
  remoteAddress: string;
}

export interface Gate<E extends Guarded> {
  /** "127.0.0.1:3000" and the other names we answer to, in lower case. */
  hosts: Hosts;
  /** Web origins that are ours; none by default. */
  origins: ReadonlySet<string>;
  /** Whether pages of our own are served now, so that what comes from one is ours. Absent: none ever are. */
  servesPage?: () => boolean;
  tokens: Tokens;
  attempts: { begin(address: string): Attempt };
  limits: RequestLimits;
  router: {
    /** not_found for an unknown path, method_not_allowed for a known one with another method. */
    find(method: string, path: string): E;
    /** Whether the path may be asked for without a token. */
    isOpen(path: string): boolean;
    /** What is at a path, whatever the method. */
    at(path: string): E | undefined;
  };
}

export interface Authorized<E extends Guarded> {
  endpoint: E;
  path: string;
  query: string;
  headers: Map<string, string>;
  principal?: Principal;
}

/**
 * The one order of checks, for requests, upgrades and `Expect: 100-continue`: Host, Origin, token, rate limit, route,
 * size, content type. What needs the body (its real size, depth, schema) follows when it is read. `met` hears whose token it
 * is, also where it is refused for what follows.
 */
export function authorize<E extends Guarded>(
  head: Head,
  gate: Gate<E>,
  met: (known: Pick<Authorized<E>, "headers" | "principal">) => void = () => {},
): Authorized<E> {
  const headers = readHeaders(head.rawHeaders);
  const { path, query, authority } = parseTarget(head.target);
  const called = gate.router.at(path);
  checkHost(headers.get("host"), authority, (host) => gate.hosts.has(host) || called?.isHost?.(path, host) === true);
  checkOrigin(headers, gate);
  const principal = gate.router.isOpen(path) ? undefined : authenticate(head, headers, gate);
  met({ headers, ...defined({ principal }) });
  if (principal) gate.limits.take(principal);
  called?.admit?.({ path, headers, remoteAddress: head.remoteAddress });
  const endpoint = gate.router.find(head.method, path);
  if (principal && endpoint.scope) checkScope(principal.scope, { scope: endpoint.scope, phone: endpoint.phone });
  checkSize(headers);
  checkContentType(headers, endpoint);
  return { endpoint, path, query, headers, ...defined({ principal }) };
}

function checkHost(host: string | undefined, authority: string | undefined, isOurs: (host: string) => boolean): void {
  // The exact list is what stops a web page whose own name resolves to this machine.
  if (host === undefined || !isOurs(host.toLowerCase()))
    throw new AppError("forbidden", "This Host is not one the gateway answers to");
  if (authority !== undefined && !isOurs(authority.toLowerCase())) {
    throw new AppError("forbidden", "The request target names a host the gateway does not answer to");
  }
}

function checkOrigin(headers: Map<string, string>, gate: Pick<Gate<Guarded>, "origins" | "servesPage">): void {
  const origin = headers.get("origin");
  if (origin === undefined || gate.origins.has(origin)) return;
  // The Host is one of ours by now: a page of another site has another origin, whatever its name resolves to.
  if (!gate.servesPage || origin !== `https://${headers.get("host")!.toLowerCase()}`)
    throw new AppError("forbidden", "Web pages of this Origin may not call the gateway");
  if (!gate.servesPage()) throw noPageServed();
}

function authenticate(
  head: Head,
  headers: Map<string, string>,
  gate: Pick<Gate<Guarded>, "attempts" | "tokens">,
): Principal {
  const given = headers.get("authorization") ?? "";
  const token = bearerOf(headers);
  const stray = strayIn(given);
  if (stray !== undefined)
    throw new AppError("unauthorized", `The Authorization header is not as the token is written: ${stray}`);
  if (token === undefined) throw new AppError("unauthorized", "Send the token as Authorization: Bearer TOKEN");
  // Counted before it is compared.
  const attempt = gate.attempts.begin(toAddressKey(head.remoteAddress));
  const principal = gate.tokens.find(token);
  const mayPassAnyway = isLoopback(head.remoteAddress) && !headers.has("origin");
  if (attempt.retryAfterMs > 0 && !(principal && mayPassAnyway)) {
    throw new AppError("rate_limited", "Too many wrong tokens came from this address", {
      retryAfterMs: attempt.retryAfterMs,
    });
  }
  if (!principal) throw new AppError("unauthorized", "This token is not a valid one");
  attempt.forgive();
  if (!gate.tokens.isGood(principal)) throw gate.tokens.refusalOf(principal);
  return principal;
}

/** The token in an Authorization header; undefined where there is none in its form. */
export function bearerOf(headers: Map<string, string>): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** What to say of what was copied from a page along with a token, as UTF-8 or in the bytes of Windows-1252. */
function strayIn(header: string): string | undefined {
  if (/^bearer +(["'])/i.test(header)) return "send the token without quotes";
  const bytes = Buffer.from(header, "latin1");
  return explainStray((decodeText(bytes)?.text ?? header).replaceAll(/[\t ]/g, ""));
}

function checkSize(headers: Map<string, string>): void {
  if (Number(headers.get("content-length") ?? 0) > BODY_LIMIT) throw tooLarge();
}

export function tooLarge(): AppError {
  return new AppError("payload_too_large", `The body is larger than ${BODY_LIMIT} bytes`);
}

function checkContentType(headers: Map<string, string>, endpoint: Guarded): void {
  const hasBody = headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0;
  if (!hasBody) return;
  const encoding = headers.get("content-encoding");
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new AppError("unsupported_media_type", "Send the body without a Content-Encoding");
  }
  const header = headers.get("content-type");
  if (header === undefined && endpoint.verbs.includes("GET")) return;
  const { type, charset } = mediaType(header ?? "");
  if (type !== "application/json" && !endpoint.takes?.(type))
    throw new AppError("unsupported_media_type", "Send the body as Content-Type: application/json");
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8")
    throw new AppError("unsupported_media_type", "Send the body in UTF-8");
}
