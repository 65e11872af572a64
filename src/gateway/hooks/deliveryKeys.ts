import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { valueAt } from "../../base/input/payloadTemplate.ts";
import type { NamedHook } from "./hookGate.ts";
import { formOf, signatureOf } from "./hookProof.ts";

/** What senders name a delivery by; the same when they send it again. */
const ID_HEADERS = [
  "x-github-delivery",
  "idempotency-key",
  "x-openclaw-idempotency-key",
  "webhook-id",
  "x-gitlab-event-uuid",
  "x-pincer-delivery",
];

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
export function deliveryKeys(named: NamedHook, delivery: Delivery): string[] {
  const { name, hook } = named;
  const { hmac } = hook;
  const id = hook.deliveryId === undefined ? usualId(named, delivery) : givenId(hook.deliveryId, delivery);
  const bound = id && (id.isRounded || (hmac && !id.isSigned)) ? ` ${digest(delivery.body)}` : "";
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
  /** Another one may be read as the same: it counts for its body alone. */
  isRounded?: boolean;
}

function usualId({ name, hook: { hmac } }: NamedHook, { headers, payload }: Delivery): DeliveryId | undefined {
  if (hmac && formOf(hmac) === "stripe") return idAt(payload, ["id"]);
  const text = ID_HEADERS.map((header) => headers.get(header)).find((value) => value !== undefined && value !== "");
  if (text !== undefined) return { text, isSigned: false };
  // As OpenClaw's clients name theirs.
  return name === "agent" ? idAt(payload, ["idempotencyKey"]) : undefined;
}

/** What the configuration names must be there: without it a repeat would be done twice. */
function givenId(where: string, { headers, payload }: Delivery): DeliveryId {
  const [root, ...path] = where.split(".");
  const isSigned = root === "payload" && path.length > 0;
  const text = headers.get(where.toLowerCase());
  const id = isSigned ? idAt(payload, path) : text === undefined ? undefined : { text, isSigned };
  if (id !== undefined && id.text !== "") return id;
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

function idAt(payload: unknown, path: string[]): DeliveryId | undefined {
  const value = valueAt(payload, path);
  // Halves of characters are all the same in a digest.
  if (typeof value === "string")
    return value === "" ? undefined : { text: value, isSigned: true, isRounded: !value.isWellFormed() };
  if (typeof value !== "number") return undefined;
  return { text: String(value), isSigned: true, isRounded: !Number.isSafeInteger(value) };
}
