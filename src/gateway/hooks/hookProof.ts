import { createHmac, timingSafeEqual } from "node:crypto";
import { isSameSecret } from "../../base/text/sameSecret.ts";
import { AppError } from "../../base/appError.ts";
import type { Hook } from "../../protocol/hooks/hook.ts";
import { bearerOf } from "../auth/authorize.ts";

type Headers = Map<string, string>;
type Hmac = NonNullable<Hook["hmac"]>;

/** Says the same of a webhook that is not there, so that nobody learns which are. */
export function refused(): AppError {
  return new AppError(
    "unauthorized",
    "No webhook takes this: send its own token as Authorization: Bearer TOKEN, or sign the body as it expects",
  );
}

/** Whether the request carries the webhook's own token. */
export function hasToken({ token }: Hook, headers: Headers): boolean {
  const given = bearerOf(headers) ?? headers.get("x-openclaw-token");
  return token !== undefined && given !== undefined && isSameSecret(given, token);
}

/** The form of a webhook's signatures. It is the configuration's to say: what is signed differs, and a sender must not choose. */
export function formOf({ form, header }: Hmac): "github" | "stripe" {
  return form ?? (header.toLowerCase() === "stripe-signature" ? "stripe" : "github");
}

/** The signature as sent; undefined where there is none. */
export function signatureOf(hmac: Hmac, headers: Headers): string | undefined {
  return headers.get(hmac.header.toLowerCase());
}

/** Whether the body, byte for byte, is signed with the webhook's key; of Stripe's form, at about `now`. */
export function isSigned(hmac: Hmac, signature: string, body: Buffer, now: number): boolean {
  if (formOf(hmac) === "github") {
    const hex = /^sha256=([0-9a-f]{64})$/i.exec(signature.trim())?.[1];
    return hex !== undefined && isSame(Buffer.from(hex, "hex"), sign(hmac.secret, body));
  }
  const parts = signature.split(",").map((part) => part.trim().split("=") as [string, string?]);
  const times = parts.filter(([name]) => name === "t").map(([, value]) => value);
  const [time = ""] = times;
  if (times.length !== 1 || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(now - Number(time) * 1000) > hmac.toleranceSeconds * 1000) return false;
  const expected = sign(hmac.secret, Buffer.concat([Buffer.from(`${time}.`), body]));
  // While a key is changed for another there are two of them.
  return parts
    .slice(0, MOST_PARTS)
    .some(
      ([name, value = ""]) =>
        name === "v1" && /^[0-9a-f]{64}$/i.test(value) && isSame(Buffer.from(value, "hex"), expected),
    );
}

const MOST_PARTS = 20;

function sign(secret: string, bytes: Buffer): Buffer {
  return createHmac("sha256", secret).update(bytes).digest();
}

/** Takes the same time wherever the two differ. */
function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
