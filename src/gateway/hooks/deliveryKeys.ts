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
 * nothing. A header is not signed, so a captured body could come again under another id: what is signed counts as well.
 */
export function deliveryKeys({ name, hook }: NamedHook, delivery: Delivery): string[] {
  const id =
    hook.deliveryId === undefined
      ? usualId(hook.hmac && formOf(hook.hmac), delivery)
      : givenId(hook.deliveryId, delivery);
  const signed = hook.hmac?.sameBody === "repeat" ? signedPart(hook.hmac, delivery) : undefined;
  return [...(id === undefined ? [] : [`id ${id}`]), ...(signed === undefined ? [] : [signed])].map(
    (text) => `hook ${name} ${createHash("sha256").update(text).digest("base64url")}`,
  );
}

function usualId(form: "github" | "stripe" | undefined, { headers, payload }: Delivery): string | undefined {
  // The id of a Stripe event stands in what is signed.
  if (form === "stripe") return textAt(payload, ["id"]);
  return ID_HEADERS.map((header) => headers.get(header)).find((value) => value !== undefined && value !== "");
}

/** What the configuration names must be there: without it a repeat would be done twice. */
function givenId(where: string, { headers, payload }: Delivery): string {
  const [root, ...path] = where.split(".");
  const id = root === "payload" && path.length > 0 ? textAt(payload, path) : headers.get(where.toLowerCase());
  if (id === undefined || id === "")
    throw new AppError("bad_request", `This webhook knows its deliveries by ${where}, which is not there`);
  return id;
}

function signedPart(hmac: NonNullable<NamedHook["hook"]["hmac"]>, { headers, body }: Delivery): string {
  // Of Stripe's form the time is signed with it.
  const time = formOf(hmac) === "stripe" ? /(?:^|,)\s*t=(\d+)/.exec(signatureOf(hmac, headers) ?? "")?.[1] : "";
  return `body ${time} ${createHash("sha256").update(body).digest("hex")}`;
}

function textAt(payload: unknown, path: string[]): string | undefined {
  const value = valueAt(payload, path);
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
