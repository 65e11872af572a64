import { isAppError, toErrorBody } from "../../../base/appError.ts";
import type { ErrorBody } from "../../../protocol/error.ts";
import { relay } from "../relay.ts";

/** Tells one event of a streamed completion. Resolves when the reader wants more. */
export type TellEvent = (data: unknown, event?: string) => Promise<void>;

/**
 * The stream of what `work` tells, ended as OpenAI's clients expect. An error before the first event is thrown, to have a
 * status of its own; `fail` tells a later one.
 */
export async function* streamOpenai(
  work: (tell: TellEvent) => Promise<void>,
  fail: (error: ErrorBody, tell: TellEvent) => Promise<void>,
): AsyncGenerator<string[]> {
  yield* relay<string>(async (tellBlock) => {
    let begun = false;
    const tell: TellEvent = (data, event) => {
      begun = true;
      return tellBlock(`${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
    };
    try {
      await work(tell);
    } catch (error) {
      if (!isAppError(error) || !begun) throw error;
      await fail(toErrorBody(error), tell);
    }
    await tellBlock("data: [DONE]\n\n");
  });
}
