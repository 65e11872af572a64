import { defined } from "../../base/defined.ts";
import { AppError } from "../../base/appError.ts";

/** Headers that decide something, so that a second one would be a way to say two things at once. */
const ONCE = new Set([
  "host",
  "authorization",
  "content-length",
  "transfer-encoding",
  "content-type",
  "content-encoding",
  "origin",
  "expect",
  "upgrade",
  "idempotency-key",
  "last-event-id",
  "x-pincer-client",
  "x-pincer-client-proof",
]);

/** Headers by lower-case name. `bad_request` when one that decides something is there twice. */
export function readHeaders(raw: string[]): Map<string, string> {
  // Of two Host or Authorization headers, Node's own `headers` keeps the first and says nothing.
  const headers = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    const value = raw[index + 1]!;
    const before = headers.get(name);
    if (before !== undefined && ONCE.has(name))
      throw new AppError("bad_request", `The header ${name} is there more than once`);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** The media type of a Content-Type header, in lower case, with its charset. */
export function mediaType(header: string): { type: string; charset?: string } {
  const [type, ...parameters] = header.split(";").map((part) => part.trim());
  const charset = parameters
    .map((part) => /^charset="?([^"]*)"?$/i.exec(part)?.[1])
    .find((found) => found !== undefined);
  return { type: type!.toLowerCase(), ...defined({ charset: charset?.toLowerCase() }) };
}

export function accepts(header: string | undefined, type: string): boolean {
  return (header ?? "").split(",").some((item) => mediaType(item).type === type);
}
