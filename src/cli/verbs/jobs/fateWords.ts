import type { ToldDelivery } from "../../../protocol/job.ts";
import { relativeTime } from "../../terminal/timeWords.ts";

/** Why a result is not there, or not yet, and until when; undefined where there is nothing to say. */
export function fateWords({
  error,
  why,
  retryAt,
  givenUpAt,
}: Partial<Omit<ToldDelivery, "status">>): string | undefined {
  if (why === undefined) return error;
  const until = [
    ...(retryAt === undefined ? [] : [`tried again ${relativeTime(retryAt)}`]),
    ...(givenUpAt === undefined ? [] : [`given up ${relativeTime(givenUpAt)}`]),
  ];
  return [why, ...until].join("; ");
}
