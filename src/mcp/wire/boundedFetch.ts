import { AppError } from "../../base/appError.ts";
import { NO_ANSWER } from "./answeringWire.ts";

const MAX_BODY = 16 * 1024 * 1024;

/**
 * `fetch` that gives up a body of more than 16 MB; a stream of events goes on for as long as each of its events is below that.
 * A question that was only taken (202) is answered with an error.
 */
export const boundedFetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
  const response = await fetch(url, init);
  const id = response.status === 202 ? idOf(init?.body) : undefined;
  if (id !== undefined) {
    await response.body?.cancel();
    const error = { code: NO_ANSWER, message: "it took the call and gave no answer" };
    return Response.json({ jsonrpc: "2.0", id, error });
  }
  if (!response.body) return response;
  const isStream = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
  let bytes = 0;
  // An event may end between two pieces.
  let rest = Buffer.alloc(0);
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        if (isStream) {
          // Where an event ends, counting begins anew.
          const piece = Buffer.concat([rest, chunk]);
          const end = Math.max(...ENDS.map((one) => lastEnd(piece, one)));
          if (end >= 0) bytes = piece.length - end;
          rest = Buffer.from(piece.subarray(-LONGEST_END));
        }
        if (bytes <= MAX_BODY) return controller.enqueue(chunk);
        const message = `The answer has more than ${MAX_BODY / 1024 / 1024} MB`;
        return controller.error(new AppError("unavailable", message));
      },
    }),
  );
  return new Response(bounded, { status: response.status, statusText: response.statusText, headers: response.headers });
};

// A line may end in three ways, and an empty one ends an event.
const ENDS = ["\n\n", "\r\r", "\r\n\r\n", "\n\r\n", "\r\n\r", "\r\n\n"];
const LONGEST_END = 3;

function lastEnd(bytes: Buffer, end: string): number {
  const at = bytes.lastIndexOf(end);
  return at < 0 ? -1 : at + end.length;
}

/** The id of a question; undefined for what wants no answer. */
function idOf(body: unknown): unknown {
  if (typeof body !== "string") return undefined;
  const { id, method } = JSON.parse(body) as { id?: unknown; method?: unknown };
  return method === undefined ? undefined : id;
}
