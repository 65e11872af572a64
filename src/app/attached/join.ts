import { AppError, isAppError } from "../../base/appError.ts";
import { systemClock } from "../../base/clock.ts";
import { describeError } from "../../base/log.ts";
import { race, sleep, within } from "../../base/wait.ts";
import type { LeaseHolder } from "../../core/ports/store.ts";
import type { Gateway } from "../../gateway/createGateway.ts";
import type { GatewayEvent } from "../../protocol/event.ts";
import { isDelta } from "../../protocol/eventKind.ts";
import { listDiagnostics } from "../settings/configuration.ts";
import type { MemberOptions } from "../leading/leading.ts";
import { isDamage } from "../../store/sqlite/failure.ts";
import { type Link, linkToLeader } from "./linkToLeader.ts";
import { type Member, openMember } from "../leading/openMember.ts";
import type { App } from "../runningApp.ts";
import { giveWayToNewer, isNewer, SAY_MS, waitToLead } from "../leading/successor.ts";
import { isHeld, takeLease } from "../leading/takeLease.ts";

// How soon a leader is missed that stands still: a killed one is missed at once, because its wire is cut.
const WATCH_MS = 250;
// A machine that slept, and a process that stood still, find the lease of a leader that lives run out as well: it has so long to renew it.
const PATIENCE_MS = 2000;
const AGAIN_MS = 100;
const STUCK_MS = 1000;
// A call that comes while nobody leads waits so long for who will.
const LONGEST_GAP_MS = 10_000;

interface Joined {
  member: Member;
  options: MemberOptions;
  link?: Link | undefined;
  /** Whom it is to follow, until that is done, or given up. */
  reaching?: Reaching | undefined;
  gateway?: Gateway;
  isClosed: boolean;
  /** Set once it begins to lead. */
  leading?: Promise<Gateway>;
  /** When it last said that it is newer than the one that leads. */
  saidAt: number;
  /** By the clock: when it last looked at the lease. */
  lookedAt: number;
  /** By this process's own steady clock: until then a lease that has run out may be renewed yet. */
  patientUntil: number;
  /** Whether the store took nothing when that was last tried. */
  isStuck: boolean;
  /** Resolves when there is a gateway again. */
  linked: PromiseWithResolvers<void>;
  closed: PromiseWithResolvers<string>;
}

interface Reaching {
  holder: LeaseHolder;
  stop: AbortController;
}

/**
 * Works beside the gateway of another process, on what runs in this host's folders, and goes on with it when another one
 * leads: this one, where it is the first to take the lease. Rejects with `unavailable` while the other is not serving yet.
 */
export async function join(options: MemberOptions, holder: LeaseHolder): Promise<App> {
  const relay = () => joined.link && ((told: Parameters<Link["tell"]>[0]) => joined.link?.tell(told));
  const member = await openMember({ ...options, relay, askElsewhere: () => joined.link?.ask });
  const joined: Joined = {
    member,
    options,
    isClosed: false,
    saidAt: -Infinity,
    lookedAt: systemClock.now(),
    patientUntil: -Infinity,
    isStuck: false,
    linked: Promise.withResolvers(),
    closed: Promise.withResolvers(),
  };
  // Keeps the process going, which waits for nothing else while it stands by.
  const watching = setInterval(() => void watch(joined), WATCH_MS);
  member.closing.add("the watch over the lease", () => clearInterval(watching));
  try {
    await reach(joined, holder);
  } catch (error) {
    await close(joined, "could not join").catch((failure: unknown) => member.log.warn(describeError(failure)));
    throw error;
  }
  member.core.work();
  // Who leads tells it once it is in force for its clients, too.
  const following = member.configuration.onDidChange(() => {
    if (!joined.gateway) member.changes.emit();
  });
  member.closing.add("the word of the configuration's changes", () => following.dispose());
  return toApp(joined);
}

/** Follows the holder of the lease. Rejects with `unavailable` where that one does not serve, or leads no more. */
async function reach(joined: Joined, holder: LeaseHolder): Promise<void> {
  const reaching = { holder, stop: new AbortController() };
  const { signal } = reaching.stop;
  joined.reaching = reaching;
  const linking = linkToLeader(holder, joined.options.host);
  try {
    const link = await race(linking, signal);
    await race(
      link.follow((event) => hear(joined, event)),
      signal,
    );
    signal.throwIfAborted();
    joined.link = link;
    joined.linked.resolve();
    void link.cut.then((reason) => miss(joined, link, reason));
  } catch (error) {
    // One that is given up may come yet.
    void linking.then(
      (link) => link.close(),
      () => {},
    );
    throw error;
  } finally {
    joined.reaching = undefined;
  }
}

/** One that stands still as it is followed answers nothing, and cuts nothing. */
function giveUp({ holder, stop }: Reaching): void {
  const words = `The gateway of ${holder.owner} (process ${holder.pid}) does not lead any more`;
  stop.abort(new AppError("unavailable", words));
}

/** What is told where the gateway is may mean that there is something to do here. */
function hear({ member }: Joined, event: GatewayEvent): void {
  if (isDelta(event)) return;
  if (event.type === "session.deleted" || event.type === "browser.left") {
    const { id: _id, at: _at, part: _part, ...fact } = event;
    member.core.hear({ deltas: [], facts: [fact] });
  }
  member.core.look();
}

/** A leader that stands still cuts no wire: its lease runs out, or another one has it. */
async function watch(joined: Joined): Promise<void> {
  const { link, reaching, options } = joined;
  const now = systemClock.now();
  if (now - joined.lookedAt > PATIENCE_MS) joined.patientUntil = performance.now() + PATIENCE_MS;
  joined.lookedAt = now;
  if ((!link && !reaching) || performance.now() < joined.patientUntil) return;
  const lease = await options.store.getLease("gateway").catch(() => null);
  // A store that cannot be read says nothing of who leads.
  if (lease === null) return;
  if (lease) joined.isStuck = false;
  if (lease && isNewer(options.host.version, lease.holder.version) && performance.now() - joined.saidAt > SAY_MS) {
    joined.saidAt = performance.now();
    await waitToLead(options, options.nonce).catch(() => {});
  }
  const nonce = lease?.holder.nonce;
  if (reaching && nonce !== reaching.holder.nonce) giveUp(reaching);
  if (!link || nonce === link.nonce || (!lease && (await isStuck(joined)))) return;
  miss(joined, link, "its lease has run out");
}

/**
 * Whether the store takes nothing, as on a full disk: nobody can renew a lease then, nor take one. Who led is given a while to renew it
 * once the store takes something again.
 */
async function isStuck(joined: Joined): Promise<boolean> {
  const fault = await joined.options.store.tryWriting().then(() => undefined, describeError);
  // As another look may have found meanwhile.
  const was = joined.isStuck;
  if (fault === undefined) joined.isStuck = false;
  else noteStuck(joined, fault);
  if (fault === undefined && !was) return false;
  joined.patientUntil = performance.now() + PATIENCE_MS;
  return true;
}

function noteStuck(joined: Joined, fault: string): void {
  if (!joined.isStuck) joined.member.log.warn("Nobody can lead anew for now: the store takes nothing", { fault });
  joined.isStuck = true;
}

function miss(joined: Joined, link: Link, reason: string): void {
  if (joined.link !== link || joined.isClosed) return;
  joined.link = undefined;
  joined.linked = Promise.withResolvers();
  link.close();
  joined.member.log.info("The gateway that led is gone", { reason });
  find(joined).catch((error: unknown) => {
    joined.member.log.error("The gateway could not be taken over", { error: describeError(error) });
    void close(joined, isAppError(error) ? error.message : "the gateway could not be taken over").catch(() => {});
  });
}

/** Leads, or follows who does. */
async function find(joined: Joined): Promise<void> {
  const { member, options } = joined;
  const { clock, host } = options;
  while (!joined.isClosed) {
    const taking = takeLease({ ...options, log: member.log, owner: host.name, version: host.version });
    const lease = await taking.catch((error: unknown) => {
      unlessGone(error);
      // It is repaired by the next start.
      if (isDamage((error as Error).cause)) throw error;
      noteStuck(joined, describeError(error));
    });
    if (!lease) {
      // On a full disk nobody else can lead either.
      await sleep(clock, STUCK_MS);
      continue;
    }
    joined.isStuck = false;
    if (isHeld(lease)) {
      if (joined.isClosed) return lease.drop();
      void lease.lost.then(() => close(joined, "another gateway took over")).catch(() => {});
      joined.gateway = await (joined.leading = member.lead(lease));
      giveWayToNewer(member, (reason) => close(joined, reason));
      joined.linked.resolve();
      break;
    }
    if (joined.isClosed) break;
    if (await reach(joined, lease.holder).then(() => true, unlessGone)) break;
    await sleep(clock, AGAIN_MS);
  }
  member.changes.emit();
}

/** It may not serve yet, or go as soon as it was found; or the store takes nothing for now. */
function unlessGone(error: unknown): undefined {
  if (!isAppError(error) || error.code !== "unavailable") throw error;
}

async function close(joined: Joined, reason: string): Promise<void> {
  joined.isClosed = true;
  joined.link?.close();
  if (joined.reaching) giveUp(joined.reaching);
  // Whoever has begun to lead gets there first: one half of it would be closed, and the other left.
  await joined.leading?.catch(() => {});
  await joined.member.closing.close().finally(() => joined.closed.resolve(reason));
}

function toApp(joined: Joined): App {
  const { member, options } = joined;
  const { configuration } = member;
  let { leader, url, token } = joined.link!;
  return {
    get role() {
      return joined.gateway ? "leader" : "client";
    },
    get leader() {
      return (leader = joined.gateway ? options.host.name : (joined.link?.leader ?? leader));
    },
    get url() {
      return (url = joined.gateway?.url ?? joined.link?.url ?? url);
    },
    token() {
      if (joined.gateway) return joined.gateway.tokens.value();
      if (joined.link) ({ token } = joined.link);
      return token();
    },
    async connect(via) {
      await within(options.clock, LONGEST_GAP_MS, joined.linked.promise);
      if (joined.gateway) return joined.gateway.connect({ via });
      if (joined.link) return joined.link.connect(via);
      throw new AppError("unavailable", "No gateway leads for now");
    },
    onDidChange: (listener) => member.changes.on(listener),
    closed: joined.closed.promise,
    close: () => close(joined, "closed"),
    configPath: configuration.path,
    diagnostics: () => listDiagnostics(configuration),
    refuseGone: () => configuration.refuseGone(),
    rules: () => configuration.current().agent.rules,
  };
}
