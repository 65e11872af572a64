import { isAppError, toErrorBody } from "../../../base/appError.ts";
import type { Clock } from "../../../base/clock.ts";
import type { ErrorBody } from "../../../protocol/error.ts";
import { relay } from "../relay.ts";

/** Tells one event of a streamed completion. Resolves when the reader wants more. */
export type TellEvent = (data: unknown, event?: string) => Promise<void>;

/** Without an event for so long a stream begins with a comment: clients, and what stands before us, give up on one that says nothing. */
const QUIET_MS = 10_000;

/**
 * The stream of what `work` tells, ended as OpenAI's clients expect. An error before it has begun is thrown, to have a
 * status of its own; `fail` tells a later one.
 */
export async function* streamOpenai(
  clock: Clock,
  work: (tell: TellEvent) => Promise<void>,
  fail: (error: ErrorBody, tell: TellEvent) => Promise<void>,
): AsyncGenerator<string[]> {
  yield* relay<string>(async (tellBlock) => {
    let begun = false;
    const tell: TellEvent = (data, event) => {
      begun = true;
      return tellBlock(`${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
    };
    const quiet = clock.at(clock.now() + QUIET_MS, () => {
      if (begun) return;
      begun = true;
      void tellBlock(": still here\n\n");
    });
    try {
      await work(tell);
    } catch (error) {
      if (!isAppError(error) || !begun) throw error;
      await fail(toErrorBody(error), tell);
    } finally {
      quiet.dispose();
    }
    await tellBlock("data: [DONE]\n\n");
  });
}
