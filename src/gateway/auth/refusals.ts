import type { Clock } from "../../base/clock.ts";
import type { Origin } from "../../protocol/message.ts";
import type { CallRecord } from "../calls/routeCaller.ts";

/** A request that was refused before any route saw it. */
export interface Refusal {
  requestId: string;
  /** GET, and so on. */
  verb: string;
  target: string;
  status: number;
  code: string;
  origin: Origin;
}

const MOST_IN_A_MINUTE = 60;

/** Tells of refused requests, for the audit log: of each, and of more than 60 in a minute only how many. */
export function createRefusals(clock: Clock, onCall?: (record: CallRecord) => void): (refusal: Refusal) => void {
  let minute = 0;
  let count = 0;
  const tell = (requestId: string, method: string, status: number, code: string, origin: Origin = { via: "api" }) =>
    onCall?.({ requestId, origin, method, status, code, durationMs: 0, input: undefined });
  return ({ requestId, verb, target, status, code, origin }) => {
    const now = Math.floor(clock.now() / 60_000);
    if (now !== minute) {
      // Whoever asks without end must not fill the disk.
      if (count > MOST_IN_A_MINUTE) tell(requestId, `${count - MOST_IN_A_MINUTE} more requests`, 0, "refused");
      [minute, count] = [now, 0];
    }
    count += 1;
    // A query may hold what was meant for another place, a token among them.
    if (count <= MOST_IN_A_MINUTE)
      tell(requestId, `${verb} ${target.split(/[?#]/)[0]!.slice(0, 200)}`, status, code, origin);
  };
}
