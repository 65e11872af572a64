import * as vscode from "vscode";
import { systemClock } from "../../base/clock.ts";
import { within } from "../../base/wait.ts";

// What is over sooner is told by what comes of it: of many messages in a moment the editor shows some only in its list.
const SOON_MS = 300;

/** Work that one waits for, told as a message with a way to end it once it lasts. Undefined when the user took that way. */
export async function cancellable<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const ended = new AbortController();
  const working = work(ended.signal);
  const over = () => true;
  if (await within(systemClock, SOON_MS, working.then(over, over))) return working;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const listening = token.onCancellationRequested(() => ended.abort());
    try {
      const result = await working;
      return ended.signal.aborted ? undefined : result;
    } catch (error) {
      // What the user has ended says so, in whatever words.
      if (!ended.signal.aborted) throw error;
      return undefined;
    } finally {
      listening.dispose();
    }
  });
}
