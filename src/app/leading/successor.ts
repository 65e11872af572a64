import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/log.ts";
import { pidSpace } from "../../base/pidSpace.ts";
import { sleep } from "../../base/wait.ts";
import type { Host } from "../../core/ports/host.ts";
import type { Store } from "../../core/ports/store.ts";
import { backgroundCommands } from "../../tools/shell/backgroundCommands.ts";
import type { Member } from "./openMember.ts";

// Said each second by whoever waits.
export const SAY_MS = 1000;
const TTL_MS = 3000;
const LOOK_MS = 50;

interface Place {
  store: Store;
  clock: Clock;
  host: Pick<Host, "name" | "version">;
}

/** Says that a newer Pincer than the one that leads waits to lead. To be said again and again. */
export async function waitToLead({ store, host: { name, version } }: Place, nonce: string): Promise<void> {
  const holder = { owner: name, version, pid: process.pid, pidSpace: pidSpace(), nonce, url: "" };
  await store.holdLease("successor", holder, TTL_MS);
}

/** Closes the member that leads, once, when a newer Pincer waits to lead and this one has nothing under way. */
export function giveWayToNewer(member: Member, close: (reason: string) => Promise<void>): void {
  const { store, clock, host, mode, core, log, closing } = member;
  // Whoever is told to lead is not asked to stop.
  if (mode === "lead") return;
  let timer: Disposable | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    const newer = (await store.getLease("successor").catch(() => undefined))?.holder;
    if (isOver) return;
    if (newer && isNewer(newer.version, host.version) && core.isIdle() && !backgroundCommands.isAnyRunning()) {
      close(`a newer Pincer leads now: ${newer.owner}, version ${newer.version}`).catch((error: unknown) =>
        log.warn(describeError(error)),
      );
      return;
    }
    timer = clock.at(clock.now() + SAY_MS, () => void look());
  };
  void look();
  closing.add("the look for a newer Pincer", () => {
    isOver = true;
    timer?.dispose();
  });
}

/** Resolves when no newer Pincer waits for a lead that is free: it goes first. */
export async function letNewerFirst({ store, clock, host }: Place): Promise<void> {
  for (;;) {
    const successor = await store.getLease("successor");
    if (!successor || !isNewer(successor.holder.version, host.version)) return;
    if (await store.getLease("gateway")) return;
    await sleep(clock, LOOK_MS);
  }
}

/** Of two versions like "0.10.2"; one that is not told is the older. */
export function isNewer(version: string | undefined, than: string | undefined): boolean {
  const [ours, theirs] = [version, than].map((one = "") => one.split(/[.+-]/, 3).map(Number));
  for (const at of [0, 1, 2]) {
    const difference = (ours![at] || 0) - (theirs![at] || 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
