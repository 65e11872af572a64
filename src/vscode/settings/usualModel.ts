import * as vscode from "vscode";
import type { RouteClient } from "../../client/routeClient.ts";
import type { ServerEntry } from "../../config/write/setModel.ts";
import { withoutLinks } from "../host/plainText.ts";
import type { Window } from "../host/window.ts";
import { writableConfigFile } from "./keyInFile.ts";

// The file is read again once nobody has written into it for a while.
const LONGEST_MS = 5_000;

/**
 * Writes the usual model into the user's openclaw.yml, and waits until the gateway goes by it. Resolves with its id; undefined where
 * another file goes before, which is said. Rejects with `conflict` where the file has faults.
 */
export async function makeUsual(
  window: Window,
  client: RouteClient,
  model: string,
  servers: Record<string, ServerEntry> = {},
): Promise<string | undefined> {
  const isUsual = async () => (await client.call("models.list", {})).default === model;
  if (Object.keys(servers).length === 0 && (await isUsual())) return model;
  const { setModel } = await import("../../app.ts");
  const path = writableConfigFile(window);
  const changed = untilReadAgain(window);
  await setModel(path, model, servers);
  await changed;
  if (await isUsual()) return model;
  const open = vscode.l10n.t("Open configuration");
  const message = vscode.l10n.t("{0} is written into openclaw.yml, but another file or fault goes before it.", model);
  void vscode.window.showWarningMessage(withoutLinks(message), open).then((choice) => {
    if (choice === open) void vscode.commands.executeCommand("pincer.openConfiguration");
  });
  return undefined;
}

/** Resolves once the gateway has read its configuration anew, or has not for long. */
export function untilReadAgain({ gateway }: Window): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, LONGEST_MS);
    const held = gateway.onEvent((event) => {
      if (event.type === "gateway.changed") done();
    });
    function done(): void {
      clearTimeout(timer);
      held.dispose();
      resolve();
    }
  });
}
