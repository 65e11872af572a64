import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StoredOAuthClientInformation, StoredOAuthTokens } from "@modelcontextprotocol/client";
import { fileLane } from "../../base/files/fileLane.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import type { Vault } from "../../core/ports/host.ts";

/** What is kept of being signed in at a server's address. */
export interface KeptAccount {
  /** Another address gets nothing of it. */
  url: string;
  /** The loopback address that we registered to be sent back to. */
  redirectUrl?: string | undefined;
  client?: StoredOAuthClientInformation | undefined;
  tokens?: StoredOAuthTokens | undefined;
}

/** Read afresh at each use: another window may have signed in, or refreshed. */
export interface Account {
  read(): Promise<KeptAccount>;
  change(changes: Partial<KeptAccount>): Promise<void>;
  forget(): Promise<void>;
  /** Does something while nobody else who has this account does, here or in another process. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

// Longer than finding out where tokens are given, and asking for one, can last.
const PATIENCE = { ms: 120_000, staleMs: 90_000 };

/**
 * In the host's vault, where it has one; else in a file that only its owner may read. Who signed in where there is no vault, as
 * on the command line, goes on by that file everywhere: moved, it would be signed out there.
 */
export function openAccount(stateDir: string, name: string, url: string, vault?: Vault): Account {
  const path = join(stateDir, "mcp", `${name}.auth.json`);
  const secret = `mcp.${name}.account`;
  const inFile = () => readAccount(url, () => readFileSync(path, "utf8"));
  const read = async (): Promise<{ account: KeptAccount; isInFile: boolean }> => {
    const text = await vault?.get(secret);
    const kept = readAccount(url, () => text);
    const file = kept ? undefined : inFile();
    return { account: kept ?? file ?? { url }, isInFile: file !== undefined };
  };
  return {
    read: async () => (await read()).account,
    async change(changes) {
      const { account, isInFile } = await read();
      const text = JSON.stringify({ ...account, ...changes });
      if (vault && !isInFile) return await vault.set(secret, text);
      await makeFolders(dirname(path), 0o700);
      await replaceFile(path, text, 0o600);
    },
    async forget() {
      await vault?.delete(secret);
      await rm(path, { force: true });
    },
    alone: (work) => fileLane(path, work, PATIENCE),
  };
}

/** undefined for what is not there, cannot be read, or is another address's. */
function readAccount(url: string, text: () => string | undefined): KeptAccount | undefined {
  try {
    const kept = JSON.parse(text() ?? "") as KeptAccount;
    return kept.url === url ? kept : undefined;
  } catch {
    return undefined;
  }
}
