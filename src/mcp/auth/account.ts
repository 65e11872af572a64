import { readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StoredOAuthClientInformation, StoredOAuthTokens } from "@modelcontextprotocol/client";
import { replaceFile } from "../../base/files/replaceFile.ts";

/** What is kept of being signed in at a server's address: in a file that only its owner may read. */
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
  read(): KeptAccount;
  change(changes: Partial<KeptAccount>): Promise<void>;
  forget(): Promise<void>;
}

export function openAccount(stateDir: string, name: string, url: string): Account {
  const path = join(stateDir, "mcp", `${name}.auth.json`);
  const read = (): KeptAccount => {
    try {
      const kept = JSON.parse(readFileSync(path, "utf8")) as KeptAccount;
      return kept.url === url ? kept : { url };
    } catch {
      return { url };
    }
  };
  return {
    read,
    async change(changes) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await replaceFile(path, JSON.stringify({ ...read(), ...changes }), 0o600);
    },
    forget: () => rm(path, { force: true }),
  };
}
