import type { Clock } from "../../base/clock.ts";
import type { BodyReader } from "../../net/readBody.ts";

// No event of any API comes near this; a line without an end would fill the memory.
const LONGEST_LINE_BYTES = 8 * 1024 * 1024;
// The longest answers are about 128,000 tokens, each in an event of some 300 bytes.
const LONGEST_BODY_BYTES = 96 * 1024 * 1024;
const END_MARK = /^data: ?\[DONE\]/m;

export interface BodyGuard {
  /** Ends the request with this message. */
  fail(message: string): void;
  /** The body says that it is over: `data: [DONE]`. */
  ended(): void;
  title: string;
  clock: Clock;
  silenceMs: number;
}

/** The same bytes, read only as fast as they are asked for. Silence, endless lines and bodies, and broken UTF-8 end the request. */
export function watchBody(body: ReadableStream<Uint8Array<ArrayBuffer>>, guard: BodyGuard): BodyReader {
  const reader = body.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let lineBytes = 0;
  let bodyBytes = 0;
  let tail = "";

  const damage = (chunk: Uint8Array | undefined): string | undefined => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined });
      const newest = tail + text;
      if (END_MARK.test(newest)) guard.ended();
      tail = newest.slice(-16);
    } catch {
      return `${guard.title} sent bytes that are not UTF-8`;
    }
    if (!chunk) return undefined;
    bodyBytes += chunk.length;
    if (bodyBytes > LONGEST_BODY_BYTES) return `${guard.title} sent an answer of more than 96 MB, which is the limit`;
    const newline = chunk.lastIndexOf(10);
    lineBytes = newline === -1 ? lineBytes + chunk.length : chunk.length - newline - 1;
    return lineBytes > LONGEST_LINE_BYTES ? `${guard.title} sent a line of more than 8 MB` : undefined;
  };

  return {
    async read() {
      const timer = guard.clock.at(guard.clock.now() + guard.silenceMs, () =>
        guard.fail(`${guard.title} went silent for ${guard.silenceMs / 1000} s in the middle of its answer`),
      );
      try {
        const piece = await reader.read();
        const problem = damage(piece.value);
        if (problem === undefined) return piece;
        guard.fail(problem);
        throw new Error(problem);
      } finally {
        timer.dispose();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
