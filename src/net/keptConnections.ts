import { subscribe } from "node:diagnostics_channel";
import { once } from "../base/oncePer.ts";

const used = new WeakSet<object>();
const kept = new WeakSet<object>();
/** What requests failed with that were sent over a kept connection. */
const lost = new WeakSet<Error>();

/** Node's own fetch tells of its connections here alone. Where another takes its place, none is known to be a kept one. */
const watch = once(() => {
  subscribe("undici:client:sendHeaders", (message) => {
    const { request, socket } = message as { request: object; socket: object };
    if (used.has(socket)) kept.add(request);
    used.add(socket);
  });
  subscribe("undici:request:error", (message) => {
    const { request, error } = message as { request: object; error: unknown };
    if (kept.has(request) && error instanceof Error) markLost(error);
  });
});

// What came too late was taken in by the far end, and is at work there.
const CLOSED = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/;

/** Of the cause of a fetch that failed: its request went over a connection that was kept from an earlier one, and may have been closed by then. */
export function markLost(cause: Error & { code?: unknown }): void {
  if (CLOSED.test(String(cause.code))) lost.add(cause);
}

/**
 * The answer to a request over a connection that was open when it was sent. The far end may close one that was kept from an earlier request
 * just as it is used again, which says nothing of whether it can be reached: another connection is taken then.
 */
export async function overOpenConnection<T>(ask: () => Promise<T>): Promise<T> {
  watch();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!wasLost(error)) throw error;
    }
  }
}

/** Whether Node's own fetch gave up waiting for an answer to begin. */
export function isTooLate(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && (cause as { code?: unknown }).code === "UND_ERR_HEADERS_TIMEOUT";
}

function wasLost(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && lost.has(cause);
}
