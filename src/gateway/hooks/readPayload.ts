import { parseQuery } from "../calls/target.ts";
import { mediaType } from "../auth/headers.ts";
import { decodeBody, parseJson } from "../http/body.ts";

const FORM = "application/x-www-form-urlencoded";
// Templates name 32 parts at most, and whatever reads all of a value goes down into it.
const DEEPEST = 64;

/** Whether a webhook reads bodies of this type, besides application/json. */
export function isPayloadType(type: string): boolean {
  return type === FORM || /^application\/[\w.-]+\+json$/.test(type);
}

/**
 * What was sent: JSON; or a form, whose field `payload` is JSON, as GitHub sends it, or which is taken field by field. It may
 * hold any text and any names, for its sender cannot mend what nobody reads; what is nested very deep is left out.
 */
export function readPayload(bytes: Buffer, headers: Map<string, string>): unknown {
  if (bytes.length === 0) return {};
  const text = decodeBody(bytes);
  if (mediaType(headers.get("content-type") ?? "").type !== FORM) return withinDepth(parseJson(text));
  const fields = Object.fromEntries(parseQuery(text));
  return Object.hasOwn(fields, "payload") ? withinDepth(parseJson(fields["payload"]!)) : fields;
}

/** The value itself, with a note in place of what stands too deep in it. */
function withinDepth(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) return `[nested more than ${DEEPEST} deep, left out]`;
  // A key of its own named `__proto__` is set as one.
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) holder[key] = withinDepth(holder[key], depth + 1);
  return value;
}
