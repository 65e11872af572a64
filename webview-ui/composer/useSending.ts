import { useEffect, useState } from "preact/hooks";
import { isLasting } from "../../src/base/appError.ts";
import type { Written } from "../state/draft.ts";
import type { Sending as OnItsWay } from "../state/outbox.ts";
import { type Panel, usePanel } from "../state/panelContext.ts";
import type { Said } from "../state/promptList.ts";
import { type GivenCommand, toCommand } from "./slashCommands.ts";

/** A command that is being done, in the words for it. */
interface Doing {
  sessionKey: string;
  words: string;
}

/** How what is written comes to be sent. */
export interface Sending {
  /** Sends it, or does the command that it is; where nothing can take it, it waits. */
  send(): Promise<void>;
  canSend: boolean;
  isWaiting: boolean;
  isEmpty: boolean;
  doing?: Doing | undefined;
}

/** Sends what the composer holds as soon as it can go. `onSend` is called before. */
export function useSending(onSend: () => void): Sending {
  const panel = usePanel();
  const { session, draft, gatewayState } = panel;
  const [doing, setDoing] = useState<Doing | undefined>();
  // Files say enough without words.
  const holdsNothing = () =>
    draft.text.value.trim() === "" &&
    draft.attachments.value.length + draft.refs.value.length === 0 &&
    !draft.isReading.value;
  const isEmpty = holdsNothing();
  const canGo = () =>
    gatewayState.value.state === "running" && session.phase.value === "ready" && !draft.isReading.value;
  const canSend = canGo();
  const isWaiting = draft.isWaiting.value && !isEmpty;
  const isDeleted = session.phase.value === "deleted";
  const send = async () => {
    // A key may come before what was pasted just now is drawn.
    if (holdsNothing() || session.phase.value === "deleted") return;
    if (!canGo()) {
      draft.isWaiting.value = true;
      return;
    }
    onSend();
    await sendWritten(panel, setDoing);
  };
  useEffect(() => {
    if (canSend && isWaiting) void send();
  }, [canSend, isWaiting]);
  useEffect(() => {
    if (isDeleted) draft.isWaiting.value = false;
  }, [isDeleted]);
  return { send, canSend, isWaiting, isEmpty, doing };
}

type Tell = (doing: Doing | undefined) => void;

async function sendWritten(panel: Panel, tell: Tell): Promise<void> {
  const { session, draft, outbox, prompts } = panel;
  const sessionKey = session.key.value;
  const taken = { idempotencyKey: crypto.randomUUID() as string, ...draft.written() };
  const sending = outbox.begin(sessionKey, taken);
  draft.take();
  session.problem.value = undefined;
  session.left.value = undefined;
  let said: Said | undefined;
  await session.attempt(async () => (said = await prompts.toSaid(taken.text)));
  if (!said) {
    draft.restore(taken, sessionKey);
    return sending.end();
  }
  const named = toCommand(said);
  if (!named) return deliver(panel, { taken, written: taken, said, sessionKey, sending });
  // A command is not done again: should the page go meanwhile, it has begun.
  sending.end();
  await obey(panel, named, { taken, sessionKey }, tell);
}

async function obey(
  panel: Panel,
  { command, rest }: GivenCommand,
  { taken, sessionKey }: Pick<Delivery, "taken" | "sessionKey">,
  tell: Tell,
): Promise<void> {
  const { session, draft } = panel;
  const { carries = false, doing: words } = command;
  // Chips wait for the next message where none goes with the command.
  const held = carries ? taken : { text: taken.text, attachments: [], refs: [] };
  if (!carries) draft.restore({ ...taken, text: "" }, sessionKey);
  if (words !== undefined) tell({ sessionKey, words });
  let said = false as Said | false | void;
  await session.attempt(async () => (said = await command.run(panel, rest)));
  tell(undefined);
  if (said === false) draft.restore(held, sessionKey);
  else if (said) {
    const sending = panel.outbox.begin(sessionKey, taken, rest);
    await deliver(panel, { taken, written: { ...taken, text: rest }, said, sessionKey, sending });
  } else if (carries) draft.restore({ ...taken, text: rest });
}

interface Delivery {
  /** As it stood in the composer. */
  taken: Written;
  written: Written;
  said: Said;
  sessionKey: string;
  sending: OnItsWay;
}

/** Sends what was written; what could not be sent is in the composer again as it was taken from there. */
async function deliver(
  { session, draft }: Panel,
  { taken, written, said, sessionKey, sending }: Delivery,
): Promise<void> {
  const sent = await session.send({ written, said, sessionKey });
  if (sent.runId === undefined && sent.code === "unavailable") return sending.leave();
  if (sent.runId !== undefined) draft.sent(sent.runId, written.refs);
  // What was refused was not taken: it is another call, should it be sent again.
  else if (sent.code && isLasting({ code: sent.code }))
    draft.restore({ ...taken, idempotencyKey: undefined }, sessionKey);
  else draft.restore(taken, sessionKey);
  sending.end();
}
