import { AppError } from "../../base/appError.ts";

const MAX_BODY = 16 * 1024 * 1024;

/** `fetch` that gives up a body of more than 16 MB; a stream of events goes on for as long as each of its events is below that. */
export const boundedFetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
  const response = await fetch(url, init);
  if (!response.body) return response;
  const isStream = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
  let bytes = 0;
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        // Where an event ends, counting begins anew.
        const end = isStream ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).lastIndexOf("\n\n") : -1;
        if (end >= 0) bytes = chunk.length - end;
        if (bytes <= MAX_BODY) return controller.enqueue(chunk);
        const message = `The answer has more than ${MAX_BODY / 1024 / 1024} MB`;
        return controller.error(new AppError("unavailable", message));
      },
    }),
  );
  return new Response(bounded, { status: response.status, statusText: response.statusText, headers: response.headers });
};
