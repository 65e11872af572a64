import type * as vscode from "vscode";
import type { Vault } from "../../core/ports/host.ts";

type State = Pick<vscode.ExtensionContext, "globalState">;

const NAMES = "vaultNames";

/** The editor's secrets for what the agent itself comes by. */
export function createVault(context: State, secrets: Vault): Vault {
  return {
    get: (name) => secrets.get(name),
    async set(name, value) {
      await noteSecret(context, name);
      await secrets.set(name, value);
    },
    delete: (name) => secrets.delete(name),
  };
}

/** Keeps the name of a secret, for where the editor cannot list them. */
export async function noteSecret({ globalState }: State, name: string): Promise<void> {
  const names = globalState.get<string[]>(NAMES, []);
  if (!names.includes(name)) await globalState.update(NAMES, [...names, name]);
}

/**
 * The names of all that the editor's secret storage holds, in whichever profile it was stored. That of some browsers cannot
 * list them: there it is what this profile has noted, and what of `known` is there.
 */
export async function listSecretNames(
  { globalState, secrets }: vscode.ExtensionContext,
  known: string[],
): Promise<string[]> {
  try {
    return await secrets.keys();
  } catch {
    const names = [...new Set([...known, ...globalState.get<string[]>(NAMES, [])])];
    const found = names.map(async (name) => ((await secrets.get(name)) === undefined ? [] : [name]));
    return (await Promise.all(found)).flat();
  }
}
