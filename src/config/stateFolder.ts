import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { makePrivateFolder, readPrivateFile, writePrivateFile } from "./privateFile.ts";

// Every verb of the command line loads this file: it stays free of heavy imports.

/** How to reach the running gateway: `gateway.json` in the state folder. */
export interface GatewayFile {
  url: string;
  pid: number;
  /** ISO 8601. */
  started: string;
  token: string;
  version: string;
  /** PEM of the certificate to trust, when it serves TLS. */
  certificate?: string;
  /** What the gateway proves that it knows, before a client sends the token. */
  nonce?: string;
}

/** Absolute path of the folder that all windows and commands of a user share: PINCER_HOME, or ~/.pincer. */
export function findStateDir(env: Record<string, string | undefined>): string {
  return resolve(env["PINCER_HOME"] || join(homedir(), ".pincer"));
}

/** Makes the state folder, readable by nobody else, when it is not there. */
export function makeStateFolder(stateDir: string): void {
  makePrivateFolder(stateDir);
}

/** Undefined when there is none, or it cannot be understood. */
export function readGatewayFile(stateDir: string): GatewayFile | undefined {
  const text = readPrivateFile(join(stateDir, GATEWAY_FILE));
  return text === undefined ? undefined : parseGatewayFile(text);
}

export function writeGatewayFile(stateDir: string, gateway: GatewayFile): void {
  writePrivateFile(join(stateDir, GATEWAY_FILE), `${JSON.stringify(gateway, null, 2)}\n`);
}

/** Removes it if it is still this process's: by then another gateway may have taken over. */
export function removeGatewayFile(stateDir: string, pid: number): void {
  if (readGatewayFile(stateDir)?.pid === pid) rmSync(join(stateDir, GATEWAY_FILE), { force: true });
}

/** The token kept for a gateway whose configuration names none; made at the first call. */
export function readOrMakeToken(stateDir: string): string {
  const kept = readPrivateFile(join(stateDir, TOKEN_FILE))?.trim();
  return kept || rotateToken(stateDir);
}

/** Puts a fresh token, 32 random bytes in base64url, in place of the kept one. */
export function rotateToken(stateDir: string): string {
  const token = randomBytes(32).toString("base64url");
  keepToken(stateDir, token);
  return token;
}

/** Keeps the token in force where scripts find it. */
export function keepToken(stateDir: string, token: string): void {
  writePrivateFile(join(stateDir, TOKEN_FILE), `${token}\n`);
}

const GATEWAY_FILE = "gateway.json";
const TOKEN_FILE = "token";

function parseGatewayFile(text: string): GatewayFile | undefined {
  let parsed: Partial<GatewayFile> | null;
  try {
    parsed = JSON.parse(text) as Partial<GatewayFile> | null;
  } catch {
    return undefined;
  }
  if (typeof parsed?.url !== "string" || typeof parsed.pid !== "number" || typeof parsed.token !== "string")
    return undefined;
  return {
    url: parsed.url,
    pid: parsed.pid,
    token: parsed.token,
    started: String(parsed.started ?? ""),
    version: String(parsed.version ?? ""),
    ...(typeof parsed.certificate === "string" ? { certificate: parsed.certificate } : {}),
    ...(typeof parsed.nonce === "string" ? { nonce: parsed.nonce } : {}),
  };
}
