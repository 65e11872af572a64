import type * as vscode from "vscode";
import type { Vault } from "../../core/ports/host.ts";
import type { Presence } from "./presence.ts";

/** The editor's secrets, each asked for once: a gateway must find its keys when the window behind it is away. */
export function createSecretCache(
  secrets: Pick<vscode.SecretStorage, "get" | "store" | "delete" | "onDidChange">,
  presence: Pick<Presence, "ask">,
): vscode.Disposable & Vault {
  const known = new Map<string, Promise<string | undefined>>();
  const changes = secrets.onDidChange(({ key }) => known.delete(key));
  return {
    /** Rejects with `unavailable` where it was never asked for, and the window is away. */
    get(name) {
      const found = known.get(name);
      if (found) return found;
      const asked = presence.ask(() => secrets.get(name));
      known.set(name, asked);
      // What could not be had is asked for again.
      asked.catch(() => known.get(name) === asked && known.delete(name));
      return asked;
    },
    async set(name, value) {
      await presence.ask(() => secrets.store(name, value));
      known.set(name, Promise.resolve(value));
    },
    async delete(name) {
      await presence.ask(() => secrets.delete(name));
      known.delete(name);
    },
    dispose: () => changes.dispose(),
  };
}
