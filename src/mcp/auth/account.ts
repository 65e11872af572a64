import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { StoredOAuthClientInformation, StoredOAuthTokens } from "@modelcontextprotocol/client";
import { fileFault } from "../../base/files/fileFault.ts";
import { fileLane } from "../../base/files/fileLane.ts";
import { newId } from "../../base/id.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { whileHeld } from "../../base/files/whileHeld.ts";
import type { Vault } from "../../core/ports/host.ts";

/** What is kept of being signed in at a server's address. */
export interface KeptAccount {
  /** Another address gets nothing of it. */
  url: string;
  /** The loopback address that we registered to be sent back to. */
  redirectUrl?: string | undefined;
  client?: StoredOAuthClientInformation | undefined;
  tokens?: StoredOAuthTokens | undefined;
  /** Somebody was sent to sign in by this client, and has not come back. */
  isAwaited?: boolean | undefined;
}

/** An account as it is stored, with the last signing out that it came after. In the file it may stand alone. */
interface Stored extends KeptAccount {
  signedOut?: string | undefined;
}

/** Read afresh at each use: another window may have signed in, or refreshed. */
export interface Account {
  read(): Promise<KeptAccount>;
  change(changes: Partial<KeptAccount>): Promise<void>;
  /** For every process, whichever vault it has. */
  forget(): Promise<void>;
  /** Does something while nobody else who has this account does, here or in another process, once all that they did is seen here. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

// Longer than finding out where tokens are given, and asking for one, can last.
const PATIENCE = { ms: 120_000, staleMs: 90_000 };
// An editor's windows hear of each other's secrets within some tenths of a second.
const UNSEEN_MS = 5000;
const LOOK_MS = 25;

/**
 * In the host's vault, where it has one; else in a file that only its owner may read. Who signed in where there is no vault, as
 * on the command line, goes on by that file everywhere: moved, it would be signed out there.
 */
export function openAccount(stateDir: string, name: string, url: string, vault?: Vault): Account {
  const path = join(stateDir, "mcp", `${name}.auth.json`);
  const secret = `mcp.${name}.account`;
  // Says of no token what it is: which one of those in a vault was the last to be replaced.
  const replacedPath = join(stateDir, "mcp", `${name}.auth.replaced`);
  const read = async (): Promise<{ account: KeptAccount; signedOut?: string | undefined; isInFile: boolean }> => {
    const kept = toStored(url, await vault?.get(secret));
    const text = await fileText(path).catch((fault: unknown) => {
      // Who signed out by it is known when it can be read again.
      if (kept) return undefined;
      throw fault;
    });
    const { signedOut = kept?.signedOut, ...file } = toStored(url, text) ?? { url };
    const isInFile = file.client !== undefined || file.tokens !== undefined || file.redirectUrl !== undefined;
    // It was signed out since by a process that does not reach this vault.
    const isOver = kept !== undefined && kept.signedOut !== signedOut;
    if (isOver) await vault?.delete(secret);
    if (!kept || isOver) return { account: file, signedOut, isInFile };
    const { signedOut: _, ...account } = kept;
    return { account, signedOut, isInFile: false };
  };
  /** A vault may show this process for a while yet what another one has replaced: a refresh token used twice signs everybody out. */
  const seen = async () => {
    const replaced = vault && (await fileText(replacedPath).catch(() => undefined));
    if (replaced === undefined) return;
    for (const until = performance.now() + UNSEEN_MS; performance.now() < until; await wait(LOOK_MS))
      if (markOf((await read()).account) !== replaced) return;
  };
  const write = async (stored: Stored) => {
    await makeFolders(dirname(path), 0o700);
    await replaceFile(path, JSON.stringify(stored), 0o600);
  };
  return {
    read: async () => (await read()).account,
    async change(changes) {
      const { account, signedOut, isInFile } = await read();
      const stored = { ...account, ...changes, signedOut };
      if (!vault || isInFile) return await write(stored);
      await vault.set(secret, JSON.stringify(stored));
      const replaced = markOf(account);
      if (replaced === undefined || replaced === markOf(stored)) return;
      // The token is kept, whatever becomes of the mark.
      await makeFolders(dirname(replacedPath), 0o700)
        .then(() => replaceFile(replacedPath, replaced, 0o600))
        .catch(() => {});
    },
    async forget() {
      await vault?.delete(secret);
      await write({ url, signedOut: newId("out") });
    },
    alone: (work) =>
      fileLane(
        path,
        async () => {
          await seen();
          return await work();
        },
        PATIENCE,
      ),
  };
}

function markOf({ tokens }: KeptAccount): string | undefined {
  const token = tokens?.refresh_token;
  return token === undefined ? undefined : createHash("sha256").update(token).digest("hex");
}

/** undefined where there is none. `unavailable` where it cannot be read. */
async function fileText(path: string): Promise<string | undefined> {
  try {
    return await whileHeld(path, () => readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileFault(error, path, "read");
  }
}

/** undefined for what is not there, is damaged, or is another address's. */
function toStored(url: string, text: string | undefined): Stored | undefined {
  try {
    const kept = JSON.parse(text ?? "") as Stored;
    return kept.url === url ? kept : undefined;
  } catch {
    return undefined;
  }
}
