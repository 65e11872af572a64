import type { Disposable } from "../../../base/disposable.ts";
import { describeError } from "../../../base/log.ts";
import type { Core } from "../../../core/core.ts";
import type { RunningPhoneDesk } from "../createPhoneDesk.ts";
import { type Pushing, sendPush } from "./sendPush.ts";

export interface TellingPhones extends Omit<Pushing, "signal" | "keys" | "contact"> {
  core: Pick<Core, "events">;
  phones: Pick<RunningPhoneDesk, "targets" | "setPush">;
  keys: () => Promise<Pushing["keys"]>;
  contact: () => string;
}

/** What a phone is told: that something waits, and where. What it is about is read over the gateway, by whoever may. */
interface Told {
  kind: "approval" | "question";
  id: string;
  sessionKey?: string;
}

/** Tells the phones that want it of each question as it is asked, until it is answered. */
export function tellPhones(options: TellingPhones): Disposable {
  const waiting = new Map<string, AbortController>();
  const tell = (told: Told): void => {
    const ending = new AbortController();
    waiting.set(told.id, ending);
    tellAll(options, told, ending.signal)
      .catch((error: unknown) => options.log.warn("Phones could not be told", { error: describeError(error) }))
      .finally(() => waiting.get(told.id) === ending && waiting.delete(told.id));
  };
  const over = (id: string): void => waiting.get(id)?.abort("answered");
  const listening = options.core.events.on((event) => {
    if (event.type === "approval.asked")
      tell({ kind: "approval", id: event.approval.id, sessionKey: event.approval.sessionKey });
    if (event.type === "mcp.asked") tell({ kind: "question", id: event.question.id });
    if (event.type === "approval.answered") over(event.approvalId);
    if (event.type === "mcp.answered") over(event.questionId);
  });
  return {
    dispose() {
      listening.dispose();
      for (const ending of waiting.values()) ending.abort("closed");
    },
  };
}

async function tellAll(
  { phones, keys, contact, clock, log, post }: TellingPhones,
  told: Told,
  signal: AbortSignal,
): Promise<void> {
  const targets = await phones.targets();
  if (targets.length === 0) return;
  const pushing: Pushing = { clock, log, post, signal, keys: await keys(), contact: contact() };
  await Promise.all(
    targets.map(async ({ id, push }) => {
      if ((await sendPush(push, JSON.stringify(told), pushing)) === "gone") await phones.setPush(id, null, push);
    }),
  );
}
