import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "../base/appError.ts";
import { defined } from "../base/defined.ts";
import { isAlive } from "../base/isAlive.ts";
import { explainStray } from "../base/text/strayCharacter.ts";
import { decodeText } from "../base/text/textBytes.ts";
import { isPlainLoopback } from "../net/loopback.ts";
import { findStateDir, type GatewayFile, readGatewayFile } from "../config/stateFolder.ts";

export interface AddressOptions {
  url?: string;
  tokenFile?: string;
  state?: string;
}

export interface GatewayAddress {
  /** Without a slash at the end. */
  url: string;
  token: string;
  /** PEM of the certificate it must have, its issuers after it; without one the system's authorities say whom to trust. */
  certificate?: string;
  /** What has to be proved before the token is sent. */
  nonce?: string;
}

type Env = Record<string, string | undefined>;

/**
 * The gateway a verb talks to: --url, else PINCER_URL, else the one that runs on the state folder. The token is that of
 * --token-file; else PINCER_TOKEN, which goes to PINCER_URL and to the gateway here; else the token of the gateway here.
 * A gateway here is one that gateway.json names and that proves to know its nonce before it is sent anything.
 */
export function findGateway(options: AddressOptions, env: Env): GatewayAddress {
  const stateDir = options.state ? resolve(options.state) : findStateDir(env);
  const running = readGatewayFile(stateDir);
  // Without --url a named state folder speaks louder than the terminal's environment.
  const ofTerminal = options.state
    ? {}
    : {
        url: env["PINCER_URL"]?.trim(),
        token: sendable(env["PINCER_TOKEN"]?.trim() ?? "", "The token in PINCER_TOKEN"),
      };
  const given = options.url ?? (ofTerminal.url || undefined);
  const url = given === undefined ? aliveGateway(running, stateDir).url : toUrl(given);
  const here = running && isAlive(running.pid) && isSameServer(running.url, url) ? running : undefined;
  if (options.tokenFile) return { ...(here ? toAddress(here) : { url }), token: readToken(options.tokenFile) };
  if (here) {
    const isForAnother = ofTerminal.url && !isSameServer(ofTerminal.url, url);
    return { ...toAddress(here), token: (!isForAnother && ofTerminal.token) || here.token };
  }
  if (ofTerminal.token && ofTerminal.url && isSameOrigin(ofTerminal.url, url)) return { url, token: ofTerminal.token };
  throw new AppError("unauthorized", `No token for ${url}: ${whyNot(ofTerminal, url)}name a file with --token-file`);
}

/**
 * Of a gateway.json: where it serves, its token, and how to know that it is still there. Without a nonce there would be
 * no telling it from whoever has its port now: `unavailable`.
 */
export function toAddress({ url, pid, token, certificate, nonce }: GatewayFile): GatewayAddress {
  if (!nonce) throw new AppError("unavailable", `Process ${pid} at ${url} left nothing to know it by; start it again`);
  return { url, token, nonce, ...defined({ certificate }) };
}

function readToken(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new AppError("bad_request", `The token file ${file} cannot be read`, { cause: error });
  }
  const token = (decodeText(bytes)?.text ?? bytes.toString("latin1")).trim();
  if (token === "") throw new AppError("bad_request", `The token file ${file} is empty`);
  return sendable(token, `The token in ${file}`);
}

/** `bad_request` for a token that no header could hold, as one is that was copied from a page with its quotes. */
function sendable(token: string, what: string): string {
  const stray = explainStray(token);
  if (stray !== undefined) throw new AppError("bad_request", `${what} is not as it is written: ${stray}`);
  return token;
}

function whyNot({ url, token }: { url?: string | undefined; token?: string | undefined }, wanted: string): string {
  if (!token) return "set PINCER_URL and PINCER_TOKEN, or ";
  return url ? `PINCER_TOKEN is for ${url}; ` : `PINCER_TOKEN goes only to PINCER_URL, so set that to ${wanted}, or `;
}

function aliveGateway(running: GatewayFile | undefined, stateDir: string): GatewayFile {
  if (!running) throw new AppError("unavailable", `No gateway runs on ${stateDir}; start one with: pincer gateway`);
  // Whoever has its port now must not see its token.
  if (isAlive(running.pid)) return running;
  throw new AppError(
    "unavailable",
    `The gateway of ${stateDir} (process ${running.pid}) is gone; start one with: pincer gateway`,
  );
}

function toUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new AppError("bad_request", `"${text}" is not the address of a gateway, as http://127.0.0.1:3000 is`);
  }
  return text.replace(/\/+$/, "");
}

function isSameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && new URL(a).origin === new URL(b).origin;
}

/** Whether both name one server. A gateway on loopback holds its port under all three names. */
function isSameServer(a: string, b: string): boolean {
  if (!URL.canParse(a)) return false;
  const [one, other] = [new URL(a), new URL(b)];
  const isLocal = ({ hostname }: URL) => isPlainLoopback(hostname);
  if (one.protocol !== other.protocol || one.port !== other.port) return false;
  return one.hostname === other.hostname || (isLocal(one) && isLocal(other));
}
