import { useEffect, useState } from "preact/hooks";
import type { Written } from "../state/draft.ts";
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
  const isEmpty = draft.text.value.trim() === "";
  const canSend = gatewayState.value.state === "running" && session.phase.value === "ready";
  const isWaiting = draft.isWaiting.value && !isEmpty;
  const send = async () => {
    if (isEmpty) return;
    if (!canSend) {
      draft.isWaiting.value = true;
      return;
    }
    onSend();
    await sendWritten(panel, setDoing);
  };
  useEffect(() => {
    if (canSend && isWaiting) void send();
  }, [canSend, isWaiting]);
  return { send, canSend, isWaiting, isEmpty, doing };
}

type Tell = (doing: Doing | undefined) => void;

async function sendWritten(panel: Panel, tell: Tell): Promise<void> {
  const { session, draft, outbox, prompts } = panel;
  const sessionKey = session.key.value;
  const ended = outbox.begin(sessionKey, draft.written());
  const taken = draft.take();
  session.problem.value = undefined;
  const said = await prompts.toSaid(taken.text);
  const named = toCommand(said);
  if (!named) await deliver(panel, { taken, written: taken, said, sessionKey });
  // A command is not done again: should the page go meanwhile, it has begun.
  ended();
  if (named) await obey(panel, named, taken, tell);
}

async function obey(panel: Panel, { command, rest }: GivenCommand, taken: Written, tell: Tell): Promise<void> {
  const { session, draft } = panel;
  const { carries = false, doing: words } = command;
  // Chips wait for the next message where none goes with the command.
  const held = carries ? taken : { text: taken.text, attachments: [], refs: [] };
  if (!carries) draft.restore({ ...taken, text: "" });
  if (words !== undefined) tell({ sessionKey: session.key.value, words });
  let said = false as Said | false | void;
  await session.attempt(async () => (said = await command.run(panel, rest)));
  tell(undefined);
  if (said === false) draft.restore(held);
  else if (said) {
    const sessionKey = session.key.value;
    const ended = panel.outbox.begin(sessionKey, taken, rest);
    await deliver(panel, { taken, written: { ...taken, text: rest }, said, sessionKey });
    ended();
  } else if (carries) draft.restore({ ...taken, text: rest });
}

interface Delivery {
  /** As it stood in the composer. */
  taken: Written;
  written: Written;
  said: Said;
  sessionKey: string;
}

/** Sends what was written; what could not be sent is in the composer again as it was taken from there. */
async function deliver({ session, draft }: Panel, { taken, written, said, sessionKey }: Delivery): Promise<void> {
  const runId = await session.send({ written, said, sessionKey });
  if (runId === undefined) draft.restore(taken, sessionKey);
  else draft.sent(runId, written.refs);
}
