import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError, type Log } from "../../../base/log.ts";
import { replaceFile } from "../../../base/files/replaceFile.ts";

const FILE = "push-keys";
// What was signed is good for a day at most.
const GOOD_MS = 12 * 3_600_000;

/** What the gateway is known by to the vendors of browsers: RFC 8292. Subscriptions are bound to it, so it is made once. */
export interface PushKeys {
  /** As a page gives it when it subscribes: the point itself, in base64url. */
  publicKey: string;
  /** The Authorization header of a message to an endpoint. `sender`: an https address of whoever sends. */
  authorize(endpoint: string, sender: string, now: number): string;
}

/** Those of the state folder, made when there are none. */
export async function openPushKeys(stateDir: string): Promise<PushKeys> {
  const path = join(stateDir, FILE);
  const kept = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (kept !== undefined) return toPushKeys(createPrivateKey(kept));
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await replaceFile(path, privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o600);
  return toPushKeys(privateKey);
}

/** Opens them when they are needed, and once; what cannot be read is tried again by whoever asks next. */
export function createPushKeys(stateDir: string, log: Log): () => Promise<PushKeys> {
  let keys: Promise<PushKeys> | undefined;
  return () => {
    keys ??= openPushKeys(stateDir).catch((error: unknown) => {
      keys = undefined;
      log.warn("The keys in push-keys cannot be read: remove the file, and phones subscribe anew", {
        error: describeError(error),
      });
      throw error;
    });
    return keys;
  };
}

function toPushKeys(key: KeyObject): PushKeys {
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  const point = [Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  const publicKey = Buffer.concat(point).toString("base64url");
  return {
    publicKey,
    authorize(endpoint, sender, now) {
      const claims = { aud: new URL(endpoint).origin, exp: Math.floor((now + GOOD_MS) / 1000), sub: sender };
      const said = [{ typ: "JWT", alg: "ES256" }, claims].map((part) => toBase64(JSON.stringify(part))).join(".");
      const signature = sign("sha256", Buffer.from(said), { key, dsaEncoding: "ieee-p1363" });
      return `vapid t=${said}.${signature.toString("base64url")}, k=${publicKey}`;
    },
  };
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64url");
}
