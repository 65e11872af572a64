import { checkJson } from "../calls/jsonValue.ts";
import { parseQuery } from "../calls/target.ts";
import { mediaType } from "../auth/headers.ts";
import { decodeBody, parseBody } from "../http/body.ts";

const FORM = "application/x-www-form-urlencoded";

/** Whether a webhook reads bodies of this type, besides application/json. */
export function isPayloadType(type: string): boolean {
  return type === FORM || /^application\/[\w.-]+\+json$/.test(type);
}

/** What was sent: JSON; or a form, whose field `payload` is JSON, as GitHub sends it, or which is taken field by field. */
export function readPayload(bytes: Buffer, headers: Map<string, string>): unknown {
  if (bytes.length === 0) return {};
  if (mediaType(headers.get("content-type") ?? "").type !== FORM) return parseBody(bytes);
  const fields = Object.fromEntries(parseQuery(decodeBody(bytes)));
  if (fields["payload"] !== undefined) return parseBody(Buffer.from(fields["payload"]));
  checkJson(fields);
  return fields;
}
