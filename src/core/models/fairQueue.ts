import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { onAbort } from "../../base/wait.ts";
import type { Started } from "./rateLimiter.ts";

/** A request that wants to go. */
export interface Waiter {
  session: string;
  /** Somebody waits for it in the editor: it goes before all others. */
  attended: boolean;
  tokens: number;
  /** Counts it as let through. */
  start(): Started;
}

export interface Turn {
  /** 0 when it may go at once; otherwise the least it will wait. */
  waitMs: number;
  /** How many will go before it. */
  ahead: number;
  /** Resolves when it may go; rejects with the signal's reason. */
  started: Promise<Started>;
  /** Gives up its place, where it still waits: `started` settles no more. */
  leave(): void;
}

export interface FairQueue {
  join(waiter: Waiter, signal: AbortSignal): Turn;
  /** Looks again: a limit has changed. */
  look(): void;
}

interface Place extends Waiter {
  go: () => void;
}

/** Lets one after the other through, the sessions by turns, those that are attended first. */
export function createFairQueue(clock: Clock, readyAt: (waiter: Waiter) => number): FairQueue {
  const places: Place[] = [];
  // Sessions that wait; the one that went last is at the end.
  const order: string[] = [];
  let timer: Disposable | undefined;

  const sorted = (): Place[] => {
    const rounds = new Map<string, number>();
    const ranked = places.map((place) => {
      const round = rounds.get(place.session) ?? 0;
      rounds.set(place.session, round + 1);
      return { place, round, turn: order.indexOf(place.session) };
    });
    ranked.sort((a, b) => Number(b.place.attended) - Number(a.place.attended) || a.round - b.round || a.turn - b.turn);
    return ranked.map(({ place }) => place);
  };

  const look = (): void => {
    timer?.dispose();
    timer = undefined;
    for (let next = sorted()[0]; next; next = sorted()[0]) {
      const at = readyAt(next);
      if (at > clock.now()) {
        timer = clock.at(at, look);
        return;
      }
      leave(next);
      next.go();
    }
  };

  const leave = (place: Place): void => {
    places.splice(places.indexOf(place), 1);
    order.splice(order.indexOf(place.session), 1);
    if (places.some((other) => other.session === place.session)) order.push(place.session);
  };

  return {
    look,
    join(waiter, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Started>();
      const place: Place = {
        ...waiter,
        go() {
          gone.dispose();
          resolve(waiter.start());
        },
      };
      places.push(place);
      if (!order.includes(waiter.session)) order.push(waiter.session);
      const giveUp = () => {
        if (!places.includes(place)) return;
        leave(place);
        look();
      };
      const gone = onAbort(signal, () => {
        reject(signal.reason as Error);
        giveUp();
      });
      look();
      // Awaited by the caller later, or never when it gives up before.
      promise.catch(() => {});
      const ahead = sorted().indexOf(place);
      return {
        waitMs: ahead < 0 ? 0 : Math.max(1, readyAt(waiter) - clock.now()),
        ahead: Math.max(0, ahead),
        started: promise,
        leave() {
          gone.dispose();
          giveUp();
        },
      };
    },
  };
}
