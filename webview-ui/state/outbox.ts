import { effect, untracked } from "@preact/signals";
import type { Draft, Written } from "./draft.ts";
import type { Gateway } from "./panelRoutes.ts";
import type { PanelSession } from "./sessionState.ts";
import type { StoredSending, ViewMemory } from "./viewState.ts";

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
    const shown = session.key.value;
    if (session.phase.value !== "ready" || session.readings.value === 0) return;
    const own = left.filter(([, { sessionKey }]) => sessionKey === shown);
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

async function settle({ gateway, session, draft }: Parts, sending: StoredSending): Promise<void> {
  const { sessionKey, after, known, text, said: wanted = text, attachments, refs = [], idempotencyKey } = sending;
  const said = session.state.messages.value.filter(({ role, seq }) => role === "user" && seq > after);
  if (said.some((message) => words(message.text) === words(wanted))) return;
  // What waits has yet to be said.
  const states = ["queued" as const, "running" as const];
  const { runs } = await gateway.call("runs.list", { sessionKey, states }).catch(() => ({ runs: [] }));
  const earlier = new Set([...known, ...said.map(({ runId }) => runId)]);
  const isAsked = runs.some(({ runId, origin }) => origin.via === "panel" && !earlier.has(runId));
  if (!isAsked) draft.restore({ text, attachments, refs, idempotencyKey }, sessionKey);
}

function words(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}
