import { randomUUID } from "node:crypto";
import type { Disposable } from "../../base/disposable.ts";
import { isAlive } from "../../base/isAlive.ts";
import { describeError } from "../../base/log.ts";
import { pidSpace } from "../../base/pidSpace.ts";
import { sleep } from "../../base/wait.ts";
import type { ChannelAgent } from "../../core/ports/outside/channelAgent.ts";
import type { LeaseHolder } from "../../core/ports/store.ts";

const TTL_MS = 30_000;
const RENEW_MS = 10_000;
const LOOK_MS = 500;

/** The right to take an account's messages, which one process of a store has at a time. */
export interface ChannelHold {
  /** Whether it is held now, by this process's own clock, which goes on however long it was stopped. */
  isHeld(): boolean;
  /** Aborts when another has it. */
  lost: AbortSignal;
  drop(): Promise<void>;
}

interface Wanted {
  /** Of which network, and whose: as in "telegram:4242". */
  account: string;
  owner: string;
  signal: AbortSignal;
  /** Another process has it: "Pincer in VS Code (process 4711)". */
  onWait(other: string): void;
}

/** Waits until nobody else has it. Rejects with the signal's reason. */
export async function holdChannel(
  { store, clock, log }: Pick<ChannelAgent, "store" | "clock" | "log">,
  { account, owner, signal, onWait }: Wanted,
): Promise<ChannelHold> {
  const name = `channel:${account}` as const;
  const holder: LeaseHolder = { owner, pid: process.pid, pidSpace: pidSpace(), nonce: randomUUID(), url: "" };
  const lost = new AbortController();
  let until = 0;
  const renew = async (): Promise<boolean> => {
    const asked = clock.steady();
    const { held, holder: other } = await store.holdLease(name, holder, TTL_MS);
    if (held) until = asked + TTL_MS;
    // Killed before it could give it back.
    else if (other.pidSpace && other.pidSpace === pidSpace() && !isAlive(other.pid))
      await store.dropLease(name, other.nonce);
    else onWait(`${other.owner} (process ${other.pid})`);
    return held;
  };
  while (!(await renew())) await sleep(clock, LOOK_MS, signal);
  let timer: Disposable | undefined;
  const arm = (): void => {
    timer = clock.at(clock.now() + RENEW_MS, () => {
      renew()
        .then((held) => (held ? arm() : lost.abort()))
        .catch((error: unknown) => {
          log.warn("The lease of a channel could not be renewed", { channel: account, error: describeError(error) });
          arm();
        });
    });
  };
  arm();
  return {
    isHeld: () => !lost.signal.aborted && clock.steady() < until,
    lost: lost.signal,
    async drop() {
      timer?.dispose();
      until = 0;
      await store.dropLease(name, holder.nonce);
    },
  };
}
