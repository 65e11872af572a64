import { createCipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "../../../base/appError.ts";
import type { PushTarget } from "../../calls/phoneDesk.ts";

const RECORD_BYTES = 4096;
// All messages are of one length, so that it tells nothing.
const PADDED_BYTES = 512;

/** What only the page can read that the keys are of: RFC 8291, in one record of aes128gcm (RFC 8188). `made` is for its test vectors. */
export function encryptPush(
  text: string,
  { p256dh, auth }: PushTarget["keys"],
  made: { privateKey?: Buffer; salt?: Buffer; paddedBytes?: number } = {},
): Buffer {
  const [theirs, secret] = [Buffer.from(p256dh, "base64url"), Buffer.from(auth, "base64url")];
  const ours = createECDH("prime256v1");
  if (made.privateKey) ours.setPrivateKey(made.privateKey);
  else ours.generateKeys();
  const salt = made.salt ?? randomBytes(16);
  const key = Buffer.concat([Buffer.from("WebPush: info\0"), theirs, ours.getPublicKey()]);
  const shared = Buffer.from(hkdfSync("sha256", ours.computeSecret(theirs), secret, key, 32));
  const derived = (name: string, bytes: number) =>
    Buffer.from(hkdfSync("sha256", shared, salt, `Content-Encoding: ${name}\0`, bytes));
  const cipher = createCipheriv("aes-128-gcm", derived("aes128gcm", 16), derived("nonce", 12));
  const content = Buffer.from(text);
  const padding = Buffer.alloc(Math.max(0, (made.paddedBytes ?? PADDED_BYTES) - content.length - 1));
  // 2: the last record, and behind it what says nothing.
  const sealed = Buffer.concat([cipher.update(Buffer.concat([content, Buffer.from([2]), padding])), cipher.final()]);
  const size = Buffer.alloc(5);
  size.writeUInt32BE(RECORD_BYTES);
  size.writeUInt8(ours.getPublicKey().length, 4);
  return Buffer.concat([salt, size, ours.getPublicKey(), sealed, cipher.getAuthTag()]);
}

/** `bad_request` for keys that nothing can be sealed with. */
export function checkPushKeys({ p256dh, auth }: PushTarget["keys"]): void {
  const isSecret = Buffer.from(auth, "base64url").length === 16;
  try {
    if (!isSecret) throw new Error("auth");
    const ours = createECDH("prime256v1");
    ours.generateKeys();
    ours.computeSecret(Buffer.from(p256dh, "base64url"));
  } catch (error) {
    const field = isSecret ? "keys.p256dh" : "keys.auth";
    throw new AppError("bad_request", `${field}: Expected what the browser's subscription gives`, { cause: error });
  }
}
