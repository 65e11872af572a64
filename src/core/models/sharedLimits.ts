import type { Clock } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import type { Held, Holds } from "../ports/hold.ts";
import type { RateLimits } from "../ports/provider.ts";
import { type OwnLimits, type RateLimiter, type Reported, type Started, WINDOW_MS } from "./rateLimiter.ts";

/** What all processes together ask of one provider. A store that takes nothing holds up no request. */
export interface SharedLimits {
  /** Whether a request that was let through here may go, for all that others have asked; if not, they are known here now. */
  confirm(started: Started): Promise<boolean>;
  /** It has used what it tells now. */
  settled(started: Started, own: OwnLimits): void;
  /** What the provider told, in an answer to this process. */
  reported(limits: RateLimits): void;
}

export function createSharedLimits(
  provider: string,
  { limiter, clock, holds }: { limiter: RateLimiter; clock: Clock; holds: Holds | undefined },
): SharedLimits {
  const key = `requests ${provider}`;
  const ids = new WeakMap<Started, string>();
  const timeOf = ({ ageMs, value }: Held) => clock.steady() - ageMs - Number(value["lateMs"] ?? 0);
  const hear = (held: Held[]): void => {
    const others = held
      // The clock was set back behind those that lie in the future: when they were put is not known.
      .filter(({ owner, ageMs }) => owner !== holds!.owner && ageMs >= 0)
      .map((hold) => ({ ...hold.value, at: timeOf(hold) }));
    limiter.hear(
      others.filter((other): other is Started => "tokens" in other),
      others.filter((other): other is Reported => "limits" in other),
    );
  };
  const put = (id: string, { at, tokens }: Started): Promise<void> => {
    const lateMs = clock.steady() - at;
    return holds!.put({ id, keys: [key], forMs: WINDOW_MS - lateMs, value: { tokens, lateMs } });
  };

  const look = async (started: Started): Promise<boolean> => {
    const isBound = limiter.isBound();
    const id = newId("request");
    if (isBound) await put(id, started);
    hear(await holds!.list([key], isBound ? id : undefined));
    limiter.cancel(started);
    // Bound only now, by what another process was told, it is to be known to the others before it goes.
    const mayGo = isBound ? limiter.readyAt(started.tokens) <= clock.now() : !limiter.isBound();
    if (mayGo) limiter.again(started);
    if (mayGo && isBound) ids.set(started, id);
    else if (isBound) await holds!.drop(id);
    return mayGo;
  };

  return {
    confirm: async (started) => (holds === undefined ? true : await look(started).catch(() => true)),
    settled(started, { tokensPerMinute }) {
      const id = ids.get(started);
      if (id !== undefined && tokensPerMinute !== undefined) put(id, started).catch(() => {});
    },
    reported(limits) {
      if (!holds || !limiter.isNearlyUsed()) return;
      const forMs = Math.min(WINDOW_MS, Math.max(limits.requests?.resetMs ?? 0, limits.tokens?.resetMs ?? 0));
      const id = `report ${provider} ${holds.owner}`;
      if (forMs > 0) holds.put({ id, keys: [key], forMs, value: { limits } }).catch(() => {});
    },
  };
}
