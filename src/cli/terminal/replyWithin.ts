import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { ClientCall } from "./clientVerb.ts";
import { whileWaiting } from "./whileWaiting.ts";

// The gateway ends the wait itself, and may be slow to say so.
const MORE_SECONDS = 30;

/**
 * Waits for the reply of a session as long as the gateway was told to, and some seconds more: one that is gone without a word,
 * as a laptop that sleeps, never ends a wait.
 */
export async function replyWithin<T>(
  call: Pick<ClientCall<unknown>, "client" | "printer" | "clock">,
  { session, timeout }: { session: string; timeout: number },
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = openDeadline(call.clock, timeout + MORE_SECONDS);
  try {
    return await whileWaiting(call, session, ask(deadline.signal));
  } catch (error) {
    if (!deadline.signal.aborted) throw error;
    throw timeout > 0 ? stillRunning({ session, timeout }) : maybeTaken(session);
  } finally {
    deadline.dispose();
  }
}

/** Aborts its signal when so many seconds have passed. */
export function openDeadline(clock: Clock, seconds: number): Disposable & { signal: AbortSignal } {
  const over = new AbortController();
  const timer = clock.at(clock.now() + seconds * 1000, () => over.abort());
  return { signal: over.signal, dispose: () => timer.dispose() };
}

/** Of what is not waited for: its answer would have come at once. */
function maybeTaken(session: string): AppError {
  const see = `see what runs with: pincer runs --session ${session}`;
  return new AppError(
    "timed_out",
    `No answer within ${MORE_SECONDS} s, so that nobody knows whether it was taken; ${see}`,
  );
}

/** Without a run's id where nothing of it has come yet. */
export function stillRunning({ session, timeout }: { session: string; timeout: number }, runId = ""): AppError {
  const what = runId === "" ? `what runs in ${session}` : `run ${runId}`;
  return new AppError("timed_out", `No reply within ${timeout} s; ${what} goes on`);
}
