import { signal } from "@preact/signals";
import type { Gateway } from "./panelRoutes.ts";
import type { PanelSession } from "./sessionState.ts";

/** So long it is offered to bring back what was deleted. */
const OFFERED_MS = 10_000;
/** So long the gateway keeps it: whoever is quick at the end of the offer is not too late. */
const KEPT_SECONDS = 15;

interface Deleted {
  key: string;
  title: string;
  /** The panel showed it, and shows it again when it is back. */
  wasShown: boolean;
}

export type Deletions = ReturnType<typeof createDeletions>;

/** Deletes sessions, and brings back those that went in the last seconds. */
export function createDeletions(gateway: Gateway, session: PanelSession) {
  const deleted = signal<Deleted[]>([]);
  const own = new Set<string>();
  const forget = (one: Deleted) => (deleted.value = deleted.value.filter((other) => other !== one));
  return {
    /** Those that can be brought back, the newest last. */
    deleted,
    /** What it has deleted itself, which is told as such. */
    isOwn: (key: string) => own.has(key),
    async delete(key: string, title: string): Promise<void> {
      const wasShown = session.key.value === key;
      own.add(key);
      try {
        await gateway.call("sessions.delete", { sessionKey: key, undoSeconds: KEPT_SECONDS });
      } catch (error) {
        own.delete(key);
        throw error;
      }
      const one = { key, title, wasShown };
      deleted.value = [...deleted.value, one];
      setTimeout(() => forget(one), OFFERED_MS);
    },
    async undo(): Promise<void> {
      for (const one of deleted.value.toReversed()) {
        await gateway.call("sessions.restore", { sessionKey: one.key });
        own.delete(one.key);
        forget(one);
        if (one.wasShown) await session.show(one.key);
      }
    },
  };
}
