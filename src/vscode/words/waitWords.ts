import type { ToldDelivery } from "../../protocol/job.ts";
import { type Locale, timeWords } from "../../schedule/scheduleWords.ts";

/** Why a result is on its way still, and until when: one line each, none where it simply goes. */
export function waitWords(
  { why, retryAt, givenUpAt }: Pick<ToldDelivery, "why" | "retryAt" | "givenUpAt">,
  locale: Locale,
  t: (text: string, ...args: string[]) => string,
): string[] {
  const at = (time: string) => timeWords(Date.parse(time), locale);
  return [
    ...(why === undefined ? [] : [t("It waits: {0}", why)]),
    ...(retryAt === undefined ? [] : [t("Tried again: {0}", at(retryAt))]),
    ...(givenUpAt === undefined ? [] : [t("Given up: {0}", at(givenUpAt))]),
  ];
}
