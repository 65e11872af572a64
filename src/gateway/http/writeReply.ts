import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../base/clock.ts";
import type { Exchange, Reply } from "./endpoint.ts";
import { commonHeaders, writeJson } from "./respond.ts";
import { writeEventStream } from "./writeEventStream.ts";

/** Turns what an endpoint came to into the response. Resolves when it is written, or its reader is gone. */
export async function writeReply(
  response: ServerResponse,
  reply: Reply,
  {
    requestId,
    replyHeaders,
    signal,
    clock,
  }: Pick<Exchange, "requestId" | "replyHeaders" | "signal"> & { clock: Clock },
): Promise<void> {
  const headers = { ...commonHeaders(requestId), ...replyHeaders };
  if (reply instanceof Response) return writeWeb(response, reply, headers);
  if ("events" in reply) return writeEventStream(response, reply.events, { clock, headers, signal });
  writeJson(response, { status: reply.status ?? 200, body: reply.body, requestId, headers: replyHeaders });
}

async function writeWeb(response: ServerResponse, reply: Response, headers: Record<string, string>): Promise<void> {
  const own = Object.fromEntries([...reply.headers].filter(([name]) => !name.startsWith("access-control-")));
  response.writeHead(reply.status, { ...own, ...headers });
  if (!reply.body) return void response.end();
  // The client going away is no error of ours.
  await pipeline(Readable.fromWeb(reply.body), response).catch(() => response.destroy());
}
