import * as vscode from "vscode";
import type { Clock } from "../../base/clock.ts";
import { within } from "../../base/wait.ts";

const ACTIVATION_MS = 10_000;

/**
 * Starts the extensions that wait for a document in the language, which the editor only begins to do when one is opened.
 * Whether there are any.
 */
export async function startServers(language: string, clock: Clock): Promise<boolean> {
  const event = `onLanguage:${language}`;
  const found = vscode.extensions.all.filter(({ packageJSON }) => {
    const { activationEvents, main } = packageJSON as { activationEvents?: unknown; main?: unknown };
    return main !== undefined && Array.isArray(activationEvents) && activationEvents.includes(event);
  });
  const starting = found.filter(({ isActive }) => !isActive).map(async (one) => await one.activate());
  if (starting.length > 0) await within(clock, ACTIVATION_MS, Promise.allSettled(starting));
  return found.length > 0;
}
