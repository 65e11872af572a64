import { createHash } from "node:crypto";
import { AppError, fromErrorBody, isAppError, isLasting, toErrorBody } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import type { IdempotencyRecord } from "../../core/ports/batch.ts";
import type { Store } from "../../core/ports/store.ts";
import type { ErrorBody } from "../../protocol/error.ts";
import { STATUS_OF } from "./errorStatus.ts";
import { sleep } from "../../base/wait.ts";

export interface Once<Output> {
  /** The client's key, told apart by whose token it came with. */
  key: string;
  /** What the call asks; the same key with something else is a `conflict`. */
  call: unknown;
  signal: AbortSignal;
  /** Aborts when the client goes away, where that takes back what it asked for. */
  gone?: AbortSignal;
  /** A failure is not recorded, whatever it is: what asks again may find it mended. */
  forgetsFailures?: true;
  /** Whether what `toRecord` had stored goes on, or got done, although the call failed: then it stays what is replayed. */
  goesOn?: (begun: unknown) => Promise<boolean>;
  /** The output is given, and could not be put down: what was begun stays what is replayed. */
  onUnkept?: () => void;
  /** Goes on with a call that the end of a gateway has cut off, by what `toRecord` had stored of it. Absent: what was stored is the output. */
  goOn?: (begun: unknown) => Promise<Output>;
  /** Whether an output only tells that what was begun goes on: no answer of a call whose client left while it waited. */
  isOngoing?: (output: Output) => boolean;
  /**
   * Does it. What `toRecord` makes of an output is replayed should the gateway die before there is a final one. `isRepeat`: a
   * gateway died in the same call before, and nobody knows how far it came.
   */
  work: (toRecord: (output: unknown) => IdempotencyRecord, isRepeat: boolean) => Promise<Output>;
}

export interface Idempotency {
  /** The first output or error, whoever asks for it and when. Failures that a later try may mend are not recorded. */
  once<Output>(request: Once<Output>): Promise<Output>;
}

type ReplayStore = Pick<Store, "getAnswer" | "claimAnswer" | "putAnswer" | "deleteAnswer">;

// How often another gateway's claim is looked at.
const LOOK_MS = 250;

/** `owner` is this gateway as its queue knows it: whether it lives decides over its claims. */
export function createIdempotency(store: ReplayStore, clock: Clock, owner: string): Idempotency {
  const underWay = new Map<string, { digest: string; output: Promise<unknown>; request: Once<unknown> }>();

  const perform = async (request: Once<unknown>, claim: IdempotencyRecord, isRepeat: boolean): Promise<unknown> => {
    const { key, work, forgetsFailures } = request;
    let output: unknown;
    let begun = claim.answer?.body;
    try {
      output = await work((early) => {
        begun = early;
        return { ...claim, answer: { status: 202, body: early } };
      }, isRepeat);
    } catch (error) {
      // Whoever asks again is to hear of what goes on, not to have it begun once more.
      if (begun !== undefined && !request.gone?.aborted && (await request.goesOn?.(begun))) throw error;
      const body = isAppError(error) ? toErrorBody(error) : undefined;
      // A bug, a full disk, a limit: nothing may be replayed, and the key must not stay taken.
      if (body && !forgetsFailures && isLasting(body))
        await store.putAnswer({ ...claim, answer: { status: STATUS_OF[body.code], body: { error: body } } });
      else await store.deleteAnswer(key, claim.owner);
      throw error;
    }
    if (isLeft(request, output)) {
      // What was begun is put down, and whoever asks again waits for that.
      if (begun === undefined) await store.deleteAnswer(key, claim.owner);
      return output;
    }
    await store.putAnswer({ ...claim, answer: { status: 200, body: output } }).catch((error: unknown) => {
      // It is done: whoever asks again has what was put down with it, and must not have it done once more.
      if (!isAppError(error) || error.code !== "unavailable") throw error;
      request.onUnkept?.();
    });
    return output;
  };

  const goOn = (request: Once<unknown>, record: IdempotencyRecord): Promise<unknown> =>
    perform({ ...request, work: () => request.goOn!(record.answer!.body) }, record, false);

  const claimOrReplay = async (request: Once<unknown>, digest: string): Promise<unknown> => {
    const claim: IdempotencyRecord = { key: request.key, digest, owner, createdAt: isoTime(clock.now()) };
    for (;;) {
      const before = await store.getAnswer(request.key);
      // Also takes over the claim of a gateway that died before it stored anything of the call.
      if (await store.claimAnswer(claim)) return perform(request, claim, before !== undefined);
      const record = await store.getAnswer(request.key);
      // It failed elsewhere, or is over 24 h old by now.
      if (!record) continue;
      checkSame(record.digest, digest);
      if (record.answer)
        return request.goOn && record.answer.status === 202 ? goOn(request, record) : replay(record.answer);
      await sleep(clock, LOOK_MS, request.signal).catch(() => {
        throw new AppError("unavailable", "The wait for the first call with this key ended");
      });
    }
  };

  const start = (request: Once<unknown>, digest: string): Promise<unknown> => {
    const { key } = request;
    const output = claimOrReplay(request, digest).finally(() => underWay.delete(key));
    underWay.set(key, { digest, output, request });
    return output;
  };

  return {
    async once<Output>(request: Once<Output>): Promise<Output> {
      const digest = createHash("sha256")
        .update(JSON.stringify(sorted(request.call)))
        .digest("hex");
      for (;;) {
        const first = underWay.get(request.key);
        if (!first) return (await start(request as Once<unknown>, digest)) as Output;
        checkSame(first.digest, digest);
        try {
          const output = await first.output;
          if (!isLeft(first.request, output) || request.signal.aborted) return output as Output;
        } catch (error) {
          // Whoever asked first took it back; this client is still there.
          if (!first.request.gone?.aborted || request.signal.aborted) throw error;
        }
      }
    },
  };
}

/** Whether the wait was ended, by its client or the gateway's end, before there was an answer. */
function isLeft({ signal, isOngoing }: Once<unknown>, output: unknown): boolean {
  return signal.aborted && isOngoing?.(output) === true;
}

function replay({ status, body }: NonNullable<IdempotencyRecord["answer"]>): unknown {
  if (status >= 400) throw fromErrorBody((body as { error: ErrorBody }).error);
  return body;
}

function checkSame(recorded: string, digest: string): void {
  if (recorded !== digest) throw new AppError("conflict", "This idempotency key was used for another call");
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
