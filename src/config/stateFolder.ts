import { createHash, randomBytes } from "node:crypto";
import { unlinkSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AppError, isAppError } from "../base/appError.ts";
import { defaultStateDir } from "../base/files/defaultStateDir.ts";
import { fileFault } from "../base/files/fileFault.ts";
import { homeFolder } from "../base/files/homeFolder.ts";
import { isWholePath } from "../base/files/isWholePath.ts";
import { whileHeld } from "../base/files/whileHeld.ts";
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
  /** Who it is, as in "pincer gateway". */
  owner?: string;
  /** PEM of the certificate it is known by, its issuers after it, when it serves TLS. */
  certificate?: string;
  /** What the gateway proves that it knows, before a client sends the token. */
  nonce?: string;
}

/**
 * Absolute path of the folder that all windows and commands of a user share: PINCER_HOME, or ~/.pincer. `bad_request` for one
 * that would be another in each folder where a command starts.
 */
export function findStateDir(env: Record<string, string | undefined>, home = homeFolder(env)): string {
  const named = env["PINCER_HOME"]?.trim() || defaultStateDir(home);
  if (!isWholePath(named))
    throw new AppError("bad_request", `PINCER_HOME is "${named}", which is no whole path; write one, as "${home}" is`);
  return resolve(named);
}

/** Makes the state folder, readable by nobody else, when it is not there. `bad_request` for what is no whole path. */
export function makeStateFolder(stateDir: string): void {
  if (!isWholePath(stateDir))
    throw new AppError(
      "bad_request",
      `The state folder "${stateDir}" is no whole path, and others would mean another one`,
    );
  try {
    makePrivateFolder(stateDir);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new AppError(error.code, `${error.message}; ${ELSEWHERE}`, { cause: error });
  }
}

const ELSEWHERE = "name another one by PINCER_HOME, --state, or pincer.stateFolder in the editor";

/** Undefined when there is none, or it cannot be understood. */
export function readGatewayFile(stateDir: string): GatewayFile | undefined {
  const text = readPrivateFile(join(stateDir, GATEWAY_FILE));
  return text === undefined ? undefined : parseGatewayFile(text);
}

export async function writeGatewayFile(stateDir: string, gateway: GatewayFile): Promise<void> {
  await writePrivateFile(join(stateDir, GATEWAY_FILE), `${JSON.stringify(gateway, null, 2)}\n`);
}

/** Removes it if it is still of this gateway, known by its nonce: by then another one may have taken over. */
export async function removeGatewayFile(stateDir: string, nonce: string): Promise<void> {
  const path = join(stateDir, GATEWAY_FILE);
  if (readGatewayFile(stateDir)?.nonce !== nonce) return;
  // Not `rm`, which says of one that may not be removed that it is no folder.
  await whileHeld(path, () => unlink(path)).catch((error: unknown) => {
    throw fileFault(error, path, "removed");
  });
}

/** As `removeGatewayFile`, of a process that ends this very moment: as well as it can. */
export function removeGatewayFileNow(stateDir: string, nonce: string): void {
  try {
    if (readGatewayFile(stateDir)?.nonce === nonce) unlinkSync(join(stateDir, GATEWAY_FILE));
  } catch {
    // Nobody is left to be told.
  }
}

/** The token that scripts find, made when there is none. Of a gateway that does not run it may be one that openclaw.yml gives. */
export async function readOrMakeToken(stateDir: string): Promise<string> {
  return keptToken(stateDir) || (await rotateToken(stateDir));
}

/** The kept token of a gateway whose configuration names none. One that the configuration gave before is none: whoever has it must not stay in. */
export function readOwnToken(stateDir: string): string | undefined {
  const token = keptToken(stateDir);
  return token && !readGiven(stateDir).includes(digestOf(token)) ? token : undefined;
}

/** Notes that the configuration gives a token, before that is kept where scripts find it: by its digest. */
export async function noteGivenToken(stateDir: string, token: string): Promise<void> {
  const noted = readGiven(stateDir);
  const kept = digestOf(keptToken(stateDir) ?? "");
  // The one before lies there still, until this one is kept.
  const digests = [...new Set([...noted.filter((digest) => digest === kept), digestOf(token)])];
  if (noted.join() === digests.join()) return;
  await writePrivateFile(join(stateDir, GIVEN_FILE), digests.map((digest) => `${digest}\n`).join(""));
}

/** The token in force, as scripts find it; nothing before the first start. */
export function keptToken(stateDir: string): string | undefined {
  return readPrivateFile(join(stateDir, TOKEN_FILE))?.trim();
}

function readGiven(stateDir: string): string[] {
  return readPrivateFile(join(stateDir, GIVEN_FILE))?.trim().split("\n") ?? [];
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Puts a fresh token, 32 random bytes in base64url, in place of the kept one. */
export async function rotateToken(stateDir: string): Promise<string> {
  const token = randomBytes(32).toString("base64url");
  await keepToken(stateDir, token);
  return token;
}

/** Keeps the token in force where scripts find it. A file that says it already is let be: another program may hold it. */
export async function keepToken(stateDir: string, token: string): Promise<void> {
  const [path, text] = [join(stateDir, TOKEN_FILE), `${token}\n`];
  if (!isKept(path, text)) await writePrivateFile(path, text);
}

function isKept(path: string, text: string): boolean {
  try {
    return readPrivateFile(path) === text;
  } catch {
    // Writing says better what is wrong, or mends it.
    return false;
  }
}

const GATEWAY_FILE = "gateway.json";
const TOKEN_FILE = "token";
const GIVEN_FILE = "token.given";

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
    ...(typeof parsed.owner === "string" ? { owner: parsed.owner } : {}),
    ...(typeof parsed.certificate === "string" ? { certificate: parsed.certificate } : {}),
    ...(typeof parsed.nonce === "string" ? { nonce: parsed.nonce } : {}),
  };
}
