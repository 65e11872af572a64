import { AppError } from "../../base/appError.ts";
import { followWithoutKeys } from "../../net/withoutKeys.ts";
import { NO_ANSWER } from "./answeringWire.ts";
import { createFramer, framedFault } from "./bareFault.ts";
import { lastEventEnd, LONGEST_END } from "./eventEnds.ts";

const MAX_BODY = 16 * 1024 * 1024;
// A body is no part of them.
const BARE = new Set([204, 205, 304]);

/**
 * `fetch` that gives up a body of more than 16 MB; a stream of events goes on for as long as each of its events is below that.
 * A question that was only taken (202) is answered with an error, and so is one by a fault that does not say what it answers.
 * Each address that it leads to is asked by `ask`.
 */
export async function boundedFetch(ask: typeof fetch, url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await followWithoutKeys(ask, url, init);
  const id = response.ok ? idOf(init?.body) : undefined;
  if (id !== undefined && response.status === 202) {
    await response.body?.cancel();
    const error = { code: NO_ANSWER, message: "it took the call and gave no answer" };
    return Response.json({ jsonrpc: "2.0", id, error });
  }
  if (!response.body || BARE.has(response.status)) return response;
  const type = response.headers.get("content-type") ?? "";
  const isStream = /^text\/event-stream\b/i.test(type);
  let bytes = 0;
  // An event may end between two pieces.
  let rest = Buffer.alloc(0);
  const bounded = ReadableStream.from(response.body).pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        if (isStream) {
          // Where an event ends, counting begins anew.
          const piece = Buffer.concat([rest, chunk]);
          const end = lastEventEnd(piece);
          if (end >= 0) bytes = piece.length - end;
          rest = Buffer.from(piece.subarray(-LONGEST_END));
        }
        if (bytes <= MAX_BODY) return controller.enqueue(chunk);
        const message = `The answer has more than ${MAX_BODY / 1024 / 1024} MB`;
        return controller.error(new AppError("unavailable", message));
      },
    }),
  );
  const given = { status: response.status, statusText: response.statusText, headers: response.headers };
  if (id === undefined) return new Response(bounded, given);
  if (isStream) return new Response(bounded.pipeThrough(createFramer(id)), given);
  if (!/^application\/json\b/i.test(type)) return new Response(bounded, given);
  const text = await new Response(bounded).text();
  return new Response(framedFault(text, id) ?? text, given);
}

/** The id of a question; undefined for what wants no answer. */
function idOf(body: unknown): unknown {
  if (typeof body !== "string" || !body.startsWith("{")) return undefined;
  const { id, method } = JSON.parse(body) as { id?: unknown; method?: unknown };
  return method === undefined ? undefined : id;
}
