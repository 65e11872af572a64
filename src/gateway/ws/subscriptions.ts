import { AppError } from "../../base/appError.ts";
import { newId } from "../../base/id.ts";
import { describeError, type Log } from "../../base/log.ts";
import { abortWith } from "../../base/wait.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import type { Wire } from "../../protocol/frame.ts";
import type { Subscriptions } from "../calls/route.ts";
import { toEvent } from "../calls/toEvent.ts";

export const MOST_SUBSCRIPTIONS = 16;

/** The subscriptions of one wire. Their events go out once `start` is called after `add`. */
export function createSubscriptions(
  wire: Wire,
  closed: AbortSignal,
  log: Log,
): Subscriptions & { start(): void; isAny(): boolean } {
  const open = new Map<string, AbortController>();
  let toStart: (() => void)[] = [];
  let seq = 0;

  const send = async (
    batches: AsyncIterator<GatewayEvent[]>,
    first: Promise<IteratorResult<GatewayEvent[]>>,
  ): Promise<void> => {
    try {
      for (let next = await first; !next.done; next = await batches.next()) {
        for (const event of next.value) {
          seq += 1;
          wire.send({ type: "event", event: event.type, payload: toEvent(event), seq });
          // Not pulling is what lets the core drop deltas for this reader.
          await wire.drained?.();
        }
      }
    } finally {
      // Who reads nothing is cut in the middle: what waits for it is let go of, and nothing more is kept for it.
      await batches.return?.();
    }
  };

  return {
    add(openEvents) {
      if (open.size >= MOST_SUBSCRIPTIONS)
        throw new AppError("conflict", `A wire may have ${MOST_SUBSCRIPTIONS} subscriptions; end one first`);
      const id = newId("sub");
      const ending = new AbortController();
      open.set(id, ending);
      const gone = abortWith(ending, closed);
      const batches = openEvents(ending.signal)[Symbol.asyncIterator]();
      // Pulled at once, so that nothing is missed from now on.
      const first = batches.next();
      first.catch(() => {});
      toStart.push(() => {
        send(batches, first)
          .catch((error: unknown) => log.error("A subscription failed", { error: describeError(error) }))
          .finally(() => {
            gone.dispose();
            open.delete(id);
          });
      });
      return id;
    },
    remove(id) {
      const ending = open.get(id);
      open.delete(id);
      ending?.abort("unsubscribed");
      return ending !== undefined;
    },
    isAny: () => open.size > 0,
    start() {
      const starting = toStart;
      toStart = [];
      for (const begin of starting) begin();
    },
  };
}
