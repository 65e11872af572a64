import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { valueAt } from "../../base/input/payloadTemplate.ts";
import type { NamedHook } from "./hookGate.ts";
import { formOf, signatureOf } from "./hookProof.ts";

/** What senders name a delivery by; the same when they send it again. */
const ID_HEADERS = ["x-github-delivery", "idempotency-key", "webhook-id", "x-gitlab-event-uuid", "x-pincer-delivery"];

export interface Delivery {
  headers: Map<string, string>;
  body: Buffer;
  payload: unknown;
}

/**
 * Under which keys a delivery is remembered: one that has any of them was there before. None where its sender names it by
 * nothing. A header is not signed, so a captured body could come again under another id: what is signed counts as well, and
 * an id in a header counts for this body alone, so that a captured one takes it away from no other.
 */
export function deliveryKeys({ name, hook }: NamedHook, delivery: Delivery): string[] {
  const { hmac } = hook;
  const id = hook.deliveryId === undefined ? usualId(hook, delivery) : givenId(hook.deliveryId, delivery);
  const bound = id && hmac && !id.isSigned ? ` ${digest(delivery.body)}` : "";
  const keys = [
    ...(id === undefined ? [] : [`id ${id.text}${bound}`]),
    ...(hmac?.sameBody === "repeat" ? [signedPart(hmac, delivery)] : []),
  ];
  return keys.map((text) => `hook ${name} ${digest(text)}`);
}

interface DeliveryId {
  text: string;
  /** It stands in the body. */
  isSigned: boolean;
}

function usualId({ hmac }: NamedHook["hook"], { headers, payload }: Delivery): DeliveryId | undefined {
  if (hmac && formOf(hmac) === "stripe") {
    const text = textAt(payload, ["id"]);
    return text === undefined ? undefined : { text, isSigned: true };
  }
  const text = ID_HEADERS.map((header) => headers.get(header)).find((value) => value !== undefined && value !== "");
  return text === undefined ? undefined : { text, isSigned: false };
}

/** What the configuration names must be there: without it a repeat would be done twice. */
function givenId(where: string, { headers, payload }: Delivery): DeliveryId {
  const [root, ...path] = where.split(".");
  const isSigned = root === "payload" && path.length > 0;
  const text = isSigned ? textAt(payload, path) : headers.get(where.toLowerCase());
  if (text !== undefined && text !== "") return { text, isSigned };
  throw new AppError("bad_request", `This webhook knows its deliveries by ${where}, which is not there`);
}

function digest(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("base64url");
}

function signedPart(hmac: NonNullable<NamedHook["hook"]["hmac"]>, { headers, body }: Delivery): string {
  // Of Stripe's form the time is signed with it.
  const time = formOf(hmac) === "stripe" ? /(?:^|,)\s*t=(\d+)/.exec(signatureOf(hmac, headers) ?? "")?.[1] : "";
  return `body ${time} ${digest(body)}`;
}

function textAt(payload: unknown, path: string[]): string | undefined {
  const value = valueAt(payload, path);
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
