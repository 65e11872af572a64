import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "../base/appError.ts";
import { isAlive } from "../base/isAlive.ts";
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
  /** PEM of a certificate to trust. */
  ca?: string;
  /** What has to be proved before the token is sent. */
  nonce?: string;
}

type Env = Record<string, string | undefined>;

/**
 * The gateway a verb talks to: --url, else PINCER_URL, else the one that runs on the state folder. The token is that of
 * --token-file, else PINCER_TOKEN, else the running gateway's own, which goes to that gateway's address and nowhere else.
 */
export function findGateway(options: AddressOptions, env: Env): GatewayAddress {
  const stateDir = options.state ? resolve(options.state) : findStateDir(env);
  const running = readGatewayFile(stateDir);
  // Without --url a named state folder speaks louder than the terminal's environment.
  const given = options.url ?? (options.state ? undefined : env["PINCER_URL"]);
  const url = given ? toUrl(given) : toUrl(aliveGateway(running, stateDir).url);
  const here = running && isSameOrigin(running.url, url) && isAlive(running.pid) ? running : undefined;
  const token = givenToken(options, env) ?? here?.token;
  if (!token)
    throw new AppError("unauthorized", `No token for ${url}: set PINCER_TOKEN, or name a file with --token-file`);
  return { ...toAddress(here), url, token };
}

/** Of a gateway.json: where it serves, its token, and how to know that it is still there. */
export function toAddress({ url = "", token = "", certificate, nonce }: Partial<GatewayFile> = {}): GatewayAddress {
  return { url, token, ...(certificate ? { ca: certificate } : {}), ...(nonce ? { nonce } : {}) };
}

function givenToken(options: AddressOptions, env: Env): string | undefined {
  if (!options.tokenFile) return options.state ? undefined : env["PINCER_TOKEN"];
  try {
    return readFileSync(options.tokenFile, "utf8").trim();
  } catch (error) {
    throw new AppError("bad_request", `The token file ${options.tokenFile} cannot be read`, { cause: error });
  }
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
