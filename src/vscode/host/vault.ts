import type * as vscode from "vscode";
import type { Vault } from "../../core/ports/host.ts";

/** In the editor's own state: its secrets cannot be listed. */
const NAMES = "vaultNames";

/** The editor's secrets for what the agent itself comes by. Their names are kept, so that all of them can be deleted. */
export function createVault({ globalState }: Pick<vscode.ExtensionContext, "globalState">, secrets: Vault): Vault {
  return {
    get: (name) => secrets.get(name),
    async set(name, value) {
      const names = globalState.get<string[]>(NAMES, []);
      if (!names.includes(name)) await globalState.update(NAMES, [...names, name]);
      await secrets.set(name, value);
    },
    delete: (name) => secrets.delete(name),
  };
}

export async function emptyVault({ globalState, secrets }: vscode.ExtensionContext): Promise<void> {
  for (const name of globalState.get<string[]>(NAMES, [])) await secrets.delete(name);
}
