import { createHash } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import type { KeptAnswer, Store } from "../../core/ports/store.ts";
import { within } from "./within.ts";

export interface Answer {
  status: number;
  body: unknown;
}

export interface Once {
  /** The client's key, told apart by whose token it came with. */
  key: string;
  /** What the call asks; the same key with something else is a `conflict`. */
  call: unknown;
  signal: AbortSignal;
  /** Does it. What `toKept` makes of an answer is replayed should the gateway die before there is a final one. */
  work: (toKept: (answer: Answer) => KeptAnswer) => Promise<Answer>;
}

export interface Idempotency {
  /** The first answer, whoever asks for it and when. Failures that a later try may mend are not kept. */
  once(request: Once): Promise<Answer>;
}

type AnswerStore = Pick<Store, "getAnswer" | "claimAnswer" | "putAnswer" | "deleteAnswer">;

// How often another gateway's claim is looked at.
const LOOK_MS = 250;

export function createIdempotency(store: AnswerStore, clock: Clock): Idempotency {
  const startedAt = clock.now();
  const underWay = new Map<string, { digest: string; answer: Promise<Answer> }>();

  const perform = async ({ key, work }: Once, claim: KeptAnswer): Promise<Answer> => {
    try {
      const answer = await work((answer) => ({ ...claim, answer }));
      if (isLasting(answer.status)) await store.putAnswer({ ...claim, answer });
      else await store.deleteAnswer(key);
      return answer;
    } catch (error) {
      // A bug or a full disk: nothing may be replayed, and the key must not stay taken.
      await store.deleteAnswer(key);
      throw error;
    }
  };

  const claimOrReplay = async (request: Once, digest: string): Promise<Answer> => {
    const claim: KeptAnswer = { key: request.key, digest, createdAt: isoTime(clock.now()) };
    if (await store.claimAnswer(claim)) return perform(request, claim);
    for (;;) {
      const kept = await store.getAnswer(request.key);
      // It failed elsewhere, or is over 24 h old by now.
      if (!kept) return claimOrReplay(request, digest);
      checkSame(kept.digest, digest);
      if (kept.answer) return kept.answer;
      // A claim from before this gateway that nobody works on: its gateway died before it did anything.
      if (Date.parse(kept.createdAt) < startedAt) return perform(request, { ...claim, createdAt: kept.createdAt });
      await within(new Promise<never>(() => {}), LOOK_MS, clock, request.signal);
      if (request.signal.aborted) throw new AppError("unavailable", "The wait for the first call with this key ended");
    }
  };

  return {
    once(request) {
      const digest = createHash("sha256")
        .update(JSON.stringify(sorted(request.call)))
        .digest("hex");
      const first = underWay.get(request.key);
      if (first) {
        return Promise.resolve().then(() => {
          checkSame(first.digest, digest);
          return first.answer;
        });
      }
      const answer = claimOrReplay(request, digest).finally(() => underWay.delete(request.key));
      underWay.set(request.key, { digest, answer });
      return answer;
    },
  };
}

function isLasting(status: number): boolean {
  return status < 500 && status !== 429;
}

function checkSame(kept: string, digest: string): void {
  if (kept !== digest) throw new AppError("conflict", "This idempotency key was used for another call");
}

/** The value with its keys in order, so that equal calls have equal digests. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
