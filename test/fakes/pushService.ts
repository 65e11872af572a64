import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { PostPush } from "../../src/gateway/phones/push/sendPush.ts";
import { slowly } from "./slowly.ts";

export interface PushService {
  /** What a browser's page gets when it subscribes. */
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  /** What has come, opened as the page opens it. */
  received: { headers: IncomingHttpHeaders; text: string; sub: string; bytes: number; publicKey: string }[];
  /** What the next messages are answered with, in order; 201 after that. */
  answers: { status: number; retryAfter?: string }[];
  asked(): number;
  post: PostPush;
  close(): Promise<void>;
}

const ORIGIN = "https://push.example.net";

/** A vendor's push service (RFC 8030) with one page behind it, which takes what is signed (RFC 8292) and sealed (RFC 8291) as it should be. */
export async function openPushService(): Promise<PushService> {
  const page = createECDH("prime256v1");
  page.generateKeys();
  const auth = randomBytes(16);
  const made: Pick<PushService, "received" | "answers"> = { received: [], answers: [] };
  let asked = 0;
  const server = createServer(
    slowly((request, response) => {
      void (async () => {
        const body = await buffer(request);
        asked += 1;
        const { status = 201, retryAfter } = made.answers.shift() ?? {};
        if (status === 201) {
          const { sub, publicKey } = openToken(request.headers.authorization ?? "");
          const text = open(body, page, auth);
          made.received.push({ headers: request.headers, text, sub, publicKey, bytes: body.length });
        }
        response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end();
      })().catch((error: unknown) => response.writeHead(400).end(String(error)));
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const keys = { p256dh: page.getPublicKey().toString("base64url"), auth: auth.toString("base64url") };
  return {
    ...made,
    subscription: { endpoint: `${ORIGIN}/push/1`, keys },
    asked: () => asked,
    async post(url, { headers, body, signal }) {
      const here = new URL(new URL(url).pathname, `http://127.0.0.1:${port}`);
      const response = await fetch(here, { method: "POST", headers, body: new Uint8Array(body), signal });
      return { status: response.status, retryAfter: response.headers.get("retry-after") ?? undefined };
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Reads the token of a sender, signed by the key that it names. */
function openToken(header: string): { sub: string; publicKey: string } {
  const [, head = "", claims = "", signature = "", publicKey = ""] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header) ?? [];
  const point = Buffer.from(publicKey, "base64url");
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")];
  const key = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  const isSigned = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  const { aud, sub } = read(claims);
  if (!isSigned || read(head)["alg"] !== "ES256" || !/^https:\/\/[a-z0-9.]+$/.test(String(aud)))
    throw new Error("The sender is not who it says");
  return { sub: String(sub), publicKey };
}

/** Opens a message by hand, as RFC 8291 tells it, so that two mistakes of the same kind do not meet. */
function open(body: Buffer, page: ReturnType<typeof createECDH>, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const keyEnd = 21 + body.readUInt8(20);
  const sender = body.subarray(21, keyEnd);
  const mac = (key: Buffer, ...parts: (Buffer | string)[]) => {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const first = mac(auth, page.computeSecret(sender));
  const shared = mac(first, "WebPush: info\0", page.getPublicKey(), sender, Buffer.from([1]));
  const second = mac(salt, shared);
  const key = mac(second, "Content-Encoding: aes128gcm\0", Buffer.from([1])).subarray(0, 16);
  const nonce = mac(second, "Content-Encoding: nonce\0", Buffer.from([1])).subarray(0, 12);
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(body.subarray(-16));
  const padded = Buffer.concat([decipher.update(body.subarray(keyEnd, -16)), decipher.final()]);
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error("This is not the last record");
  return padded.subarray(0, end).toString();
}
