import { computed, signal } from "@preact/signals";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Session } from "../../src/protocol/session.ts";
import type { Gateway } from "./panelRoutes.ts";
import { strings } from "../parts/strings.ts";

export interface ListedSession extends Session {
  /** 0 for a session of its own, 1 and more below the session that spawned it. */
  depth: number;
}

export type SessionList = ReturnType<typeof createSessionList>;

/** The sessions of the gateway, newest first, each followed by its children. */
export function createSessionList(gateway: Gateway) {
  const entries = signal<ReadonlyMap<string, Session>>(new Map());
  /** What happened since the list was asked for, for each answer that is on its way. */
  const missed = new Set<GatewayEvent[]>();
  let subscription: string | undefined;

  gateway.onEvent((event) => {
    if (event.type !== "session.changed" && event.type !== "session.deleted") return;
    for (const events of missed) events.push(event);
    entries.value = apply(entries.value, event);
  });

  return {
    entries,
    tree: computed(() => toTree([...entries.value.values()])),
    /** Reads the list, and follows its changes from there: by one subscription, whether the wire is a new one or not. */
    async follow() {
      const { subscriptionId } = await gateway.call("events.subscribe", { stateOnly: true });
      const earlier = subscription;
      subscription = subscriptionId;
      // One that went away with an earlier wire is ended already.
      if (earlier !== undefined)
        await gateway.call("events.unsubscribe", { subscriptionId: earlier }).catch(() => undefined);
      await this.refresh();
    },
    async refresh() {
      const since: GatewayEvent[] = [];
      missed.add(since);
      try {
        // What is pinned may be older than the newest.
        const [{ sessions: newest }, { sessions: pinned }] = await Promise.all([
          gateway.call("sessions.list", { limit: 200 }),
          gateway.call("sessions.list", { limit: 50, pinned: true }),
        ]);
        const sessions = [...pinned, ...newest];
        // The answer may be older than what was told meanwhile.
        entries.value = since.reduce(apply, new Map(sessions.map((entry) => [entry.key, entry])));
      } finally {
        missed.delete(since);
      }
    },
  };
}

function apply(entries: ReadonlyMap<string, Session>, event: GatewayEvent): ReadonlyMap<string, Session> {
  const next = new Map(entries);
  if (event.type === "session.changed") next.set(event.session.key, event.session);
  if (event.type === "session.deleted") next.delete(event.sessionKey);
  return next;
}

export function toTitle(entry: Pick<Session, "key" | "title">): string {
  return entry.title || (entry.key === "main" ? strings.mainSession : strings.untitled);
}

function toTree(entries: Session[]): ListedSession[] {
  const keys = new Set(entries.map(({ key }) => key));
  const childrenOf = Map.groupBy(entries, ({ parentKey }) => (parentKey && keys.has(parentKey) ? parentKey : ""));
  const listed: ListedSession[] = [];
  list("", 0);
  return listed;

  function list(parentKey: string, depth: number): void {
    const children = childrenOf.get(parentKey) ?? [];
    for (const entry of children.toSorted(byNewest)) {
      listed.push({ ...entry, depth });
      list(entry.key, depth + 1);
    }
  }
}

/** The main session is always first. */
function byNewest(a: Session, b: Session): number {
  if ((a.key === "main") !== (b.key === "main")) return a.key === "main" ? -1 : 1;
  return b.updatedAt.localeCompare(a.updatedAt);
}
