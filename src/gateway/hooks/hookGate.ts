import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/appError.ts";
import { isLoopback, toAddressKey } from "../../net/loopback.ts";
import type { Hook } from "../../protocol/hooks/hook.ts";
import { createAttempts } from "../auth/attempts.ts";
import type { Arrival } from "../auth/authorize.ts";
import { createRequestLimits } from "../auth/requestLimits.ts";
import { hasToken, isSigned, refused, signatureOf } from "./hookProof.ts";

/** A webhook by its name, as the configuration has it now. */
export interface NamedHook {
  name: string;
  hook: Hook;
}

/** Lets deliveries in that prove themselves, and no more of them than the webhook takes. */
export interface HookGate {
  /** Before the body: a token is wrong, a signature is missing, or there is no such webhook. */
  admit(named: NamedHook | undefined, arrival: Arrival): void;
  /** Once the body is whole: whether it is what was signed; of one with a token, whether that counts still. */
  verify(named: NamedHook, body: Buffer, arrival: Arrival): void;
}

/** Its wrong tries are its own: whoever guesses at webhooks locks nobody out of the gateway. */
export function createHookGate(clock: Clock): HookGate {
  const attempts = createAttempts(clock);
  const limits = createRequestLimits(clock, "webhook");

  /** Counts the try before anything is compared. */
  const tried = ({ remoteAddress, headers }: Arrival, isRight: () => boolean): void => {
    const attempt = attempts.begin(toAddressKey(remoteAddress));
    const mayPassAnyway = isLoopback(remoteAddress) && !headers.has("origin");
    if (attempt.retryAfterMs > 0 && !(mayPassAnyway && isRight()))
      throw new AppError("rate_limited", "Too many deliveries without proof came from this address", {
        retryAfterMs: attempt.retryAfterMs,
      });
    if (!isRight()) throw refused();
    attempt.forgive();
  };
  const take = ({ name, hook }: NamedHook): void => limits.take({ name, requestsPerMinute: hook.requestsPerMinute });

  return {
    admit(named, arrival) {
      const { hmac } = named?.hook ?? {};
      // A signature counts when the body is there to be checked.
      if (hmac && signatureOf(hmac, arrival.headers) !== undefined) return;
      tried(arrival, () => named !== undefined && hasToken(named.hook, arrival.headers));
      if (named) take(named);
    },
    verify(named, body, arrival) {
      const { hmac } = named.hook;
      if (!hmac) {
        if (!hasToken(named.hook, arrival.headers)) throw refused();
        return;
      }
      const signature = signatureOf(hmac, arrival.headers) ?? "";
      tried(arrival, () => isSigned(hmac, signature, body, clock.now()));
      take(named);
    },
  };
}
