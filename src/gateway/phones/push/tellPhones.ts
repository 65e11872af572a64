import type { Disposable } from "../../../base/disposable.ts";
import { describeError } from "../../../base/log.ts";
import type { Core } from "../../../core/core.ts";
import type { RunningPhoneDesk } from "../createPhoneDesk.ts";
import { type Message, type Pushing, sendPush } from "./sendPush.ts";

export interface TellingPhones extends Omit<Pushing, "signal" | "keys"> {
  core: Pick<Core, "events">;
  phones: Pick<RunningPhoneDesk, "targets" | "setPush" | "setFault">;
  keys: () => Promise<Pushing["keys"]>;
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
  const tell = (told: Told, expiresAt: string): void => {
    const ending = new AbortController();
    waiting.set(told.id, ending);
    const message = { text: JSON.stringify(told), kind: told.kind, expiresAt: Date.parse(expiresAt) };
    tellAll(options, message, ending.signal)
      .catch((error: unknown) => options.log.warn("Phones could not be told", { error: describeError(error) }))
      .finally(() => waiting.get(told.id) === ending && waiting.delete(told.id));
  };
  const over = (id: string): void => waiting.get(id)?.abort("answered");
  const listening = options.core.events.on((event) => {
    if (event.type === "approval.asked") {
      const { id, sessionKey, expiresAt } = event.approval;
      tell({ kind: "approval", id, sessionKey }, expiresAt);
    }
    if (event.type === "mcp.asked") tell({ kind: "question", id: event.question.id }, event.question.expiresAt);
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
  { phones, keys, clock, log, post }: TellingPhones,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  const targets = await phones.targets();
  if (targets.length === 0) return;
  const pushing: Pushing = { clock, log, post, signal, keys: await keys() };
  await Promise.all(
    targets.map(async ({ id, push }) => {
      const sent = await sendPush(push, message, pushing);
      if (sent === "gone") await phones.setPush(id, null, push);
      else if (sent !== "failed") await phones.setFault(id, sent === "sent" ? null : sent.refused, push);
    }),
  );
}
