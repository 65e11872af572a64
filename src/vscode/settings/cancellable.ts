import * as vscode from "vscode";

/** Work that one waits for, told as a message with a way to end it. Undefined when the user took that way. */
export async function cancellable<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const ended = new AbortController();
    const listening = token.onCancellationRequested(() => ended.abort());
    try {
      const result = await work(ended.signal);
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
