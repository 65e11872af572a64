import { effect, untracked } from "@preact/signals";
import type { Draft, Written } from "./draft.ts";
import type { Gateway } from "./panelRoutes.ts";
import type { PanelSession } from "./sessionState.ts";
import type { StoredSending, ViewMemory } from "./viewState.ts";

/** Runs and messages among which one is looked for. */
const MOST = 100;

export type Outbox = ReturnType<typeof createOutbox>;

interface Parts {
  gateway: Gateway;
  memory: ViewMemory;
  session: PanelSession;
  draft: Draft;
}

/** A message on its way. */
export interface Sending {
  /** What became of it is known. */
  end(): void;
  /** Nobody can tell: it is looked for in its session when that is read next, and is in the composer again if it is not there. */
  leave(): void;
}

/**
 * What is on its way to the gateway. A page that is hidden is thrown away, whatever it was about to do: the one after it finds
 * here what the gateway did not take, and puts it into the composer again.
 */
export function createOutbox(parts: Parts) {
  const { memory, session } = parts;
  let left = Object.entries(memory.state.sending);
  effect(() => {
    const read = session.read.value;
    const own = left.filter(([, { sessionKey }]) => sessionKey === read?.sessionKey);
    left = left.filter((one) => !own.includes(one));
    for (const [id, sending] of own) void untracked(() => settle(parts, sending)).finally(() => end(memory, id));
  });
  return {
    /** Keeps what is sent. `said` is what the session is told of it, where that is not its text. */
    begin(sessionKey: string, written: Written, said = written.text): Sending {
      const { messages, runs } = session.state;
      const after = messages.value.at(-1)?.seq ?? 0;
      const id = crypto.randomUUID();
      const entry = { ...written, said, sessionKey, after, known: [...runs.value.keys()] };
      memory.update({ sending: { ...memory.state.sending, [id]: entry } });
      return { end: () => end(memory, id), leave: () => void left.push([id, entry]) };
    },
  };
}

function end({ state, update }: ViewMemory, id: string): void {
  const { [id]: _ended, ...others } = state.sending;
  update({ sending: others });
}

async function settle({ gateway, draft }: Parts, sending: StoredSending): Promise<void> {
  const { sessionKey, text, attachments, refs = [], idempotencyKey } = sending;
  // Where that cannot be told it may be sent again: it counts once.
  const isThere = await isTaken(gateway, sending).catch(() => false);
  if (!isThere) draft.restore({ text, attachments, refs, idempotencyKey }, sessionKey);
}

/** Whether it waits in its session, or is told there. */
async function isTaken(gateway: Gateway, sending: StoredSending): Promise<boolean> {
  const { sessionKey, after, known, said: wanted = sending.text } = sending;
  const isIt = (runId: string, text: string) => !known.includes(runId) && words(text) === words(wanted);
  const { runs } = await gateway.call("runs.list", { sessionKey, states: ["queued"], limit: MOST });
  if (runs.some(({ runId, queued }) => queued !== undefined && isIt(runId, queued))) return true;
  // Read after that: what waits no more by now is told there.
  const { messages } = await gateway.call("sessions.history", { sessionKey, limit: MOST });
  return messages.some(({ role, seq, runId, text }) => role === "user" && seq > after && isIt(runId, text));
}

function words(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}
