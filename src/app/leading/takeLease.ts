import { randomUUID } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { Emitter } from "../../base/emitter.ts";
import { isAlive } from "../../base/isAlive.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Lease, LeaseHolder, Store } from "../../core/ports/store.ts";
import { pidSpace } from "../../base/pidSpace.ts";

// Renewed often enough that another takes over within 5 s of a crash, and rarely enough to cost nothing.
const HEARTBEAT_MS = 1000;
const EXPIRES_MS = 4000;

/** The right to be the one gateway on a store, while its heartbeat goes on. */
export interface HeldLease {
  readonly nonce: string;
  /** Resolves when another gateway has it: this one must stop at once. */
  lost: Promise<void>;
  /** Rejects with `unavailable` when another gateway has it by now. */
  hold(): Promise<void>;
  /** Notes where the gateway serves. As `hold` otherwise. */
  publish(url: string): Promise<void>;
  /** Called each time that it was renewed. */
  onBeat(listener: () => void): Disposable;
  drop(): Promise<void>;
}

/** Takes the lease, or says who holds it. */
export async function takeLease(options: {
  store: Store;
  clock: Clock;
  log: Log;
  owner: string;
  version: string;
  /** As which worker it works, if it does already. */
  nonce?: string;
}): Promise<HeldLease | Lease> {
  const { store, clock, log, nonce = randomUUID() } = options;
  let url = "";
  const renew = (): Promise<Lease> =>
    store.holdLease(
      "gateway",
      { owner: options.owner, version: options.version, pid: process.pid, pidSpace: pidSpace(), nonce, url },
      EXPIRES_MS,
    );
  let first = await renew();
  if (!first.held && isGone(first.holder)) {
    // Killed before it could give the lease back: nobody has to wait for it to expire.
    await store.dropLease("gateway", first.holder.nonce);
    first = await renew();
  }
  if (!first.held) return first;

  const lost = Promise.withResolvers<void>();
  const beats = new Emitter<void>((error) => log.warn(describeError(error)));
  let dropped = false;
  let timer: Disposable | undefined;
  const beat = async (): Promise<void> => {
    try {
      const { held, holder } = await renew();
      if (dropped) return;
      if (!held) {
        log.warn("Another gateway holds the store now", { owner: holder.owner, pid: holder.pid });
        lost.resolve();
        return;
      }
      beats.emit();
    } catch (error) {
      // A full disk must not end the gateway: nobody else can take the lease either.
      log.warn("The lease could not be renewed", { error: describeError(error) });
    }
    arm();
  };
  const arm = (): void => {
    if (!dropped) timer = clock.at(clock.now() + HEARTBEAT_MS, () => void beat());
  };
  const hold = async (): Promise<void> => {
    const { held, holder } = await renew();
    if (held) return;
    lost.resolve();
    throw new AppError("unavailable", `Another gateway took over: ${holder.owner}, process ${holder.pid}`);
  };
  arm();
  return {
    nonce,
    lost: lost.promise,
    hold,
    publish(served) {
      url = served;
      return hold();
    },
    onBeat: (listener) => beats.on(listener),
    async drop() {
      dropped = true;
      timer?.dispose();
      await store.dropLease("gateway", nonce);
    },
  };
}

export function isHeld(lease: HeldLease | Lease): lease is HeldLease {
  return "drop" in lease;
}

function isGone({ pid, pidSpace: space }: LeaseHolder): boolean {
  return Boolean(space) && space === pidSpace() && !isAlive(pid);
}
