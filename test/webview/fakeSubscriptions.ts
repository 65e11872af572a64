import { MOST_SUBSCRIPTIONS } from "../../src/gateway/ws/subscriptions.ts";

/** What the panel has subscribed to on its wire, of which it may have as many as at the gateway. */
export function createFakeSubscriptions() {
  const open = new Map<string, string | undefined>();
  let made = 0;
  return {
    count: () => open.size,
    tells: (sessionKey: string) => [...open.values()].includes(sessionKey),
    /** Why a call is refused as the gateway would. */
    refuse(method: string, params: unknown): { code: string; message: string } | undefined {
      const { subscriptionId = "" } = (params ?? {}) as { subscriptionId?: string };
      if (method === "events.subscribe" && open.size >= MOST_SUBSCRIPTIONS)
        return { code: "conflict", message: `A wire may have ${MOST_SUBSCRIPTIONS} subscriptions; end one first` };
      if (method === "events.unsubscribe" && !open.has(subscriptionId))
        return { code: "not_found", message: `This wire has no subscription "${subscriptionId}"` };
      return undefined;
    },
    add(sessionKey: string | undefined): string {
      const id = `subscription-${++made}`;
      open.set(id, sessionKey);
      return id;
    },
    remove(subscriptionId: string) {
      open.delete(subscriptionId);
      return { subscriptionId };
    },
    clear: () => open.clear(),
  };
}
