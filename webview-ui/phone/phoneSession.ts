import { computed, signal } from "@preact/signals";
import { isRunEvent } from "../../src/protocol/eventKind.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import { toShownMessage } from "../state/panelMessage.ts";
import { toRows } from "../state/rows.ts";
import { createTranscriptState } from "../state/transcriptState.ts";
import type { PhoneLink } from "./phoneLink.ts";

const PAGE = 50;

export type PhoneSession = ReturnType<typeof openPhoneSession>;
type Attempt = (work: () => Promise<unknown>) => Promise<boolean>;

/** A session as it is stored, kept up to date by its events until it is closed. */
export function openPhoneSession({ gateway, follow }: PhoneLink, key: string, attempt: Attempt) {
  const state = createTranscriptState();
  const isReady = signal(false);
  const isStopping = signal(false);
  const closing = new AbortController();
  let early: GatewayEvent[] | undefined;

  const take = (event: GatewayEvent): void => {
    if (!isRunEvent(event) || event.sessionKey !== key) return;
    if (early) return void early.push(event);
    state.apply(event);
    if (event.type === "run.finished") isStopping.value = false;
  };

  const read = async (): Promise<void> => {
    early = [];
    const history = await gateway.call("sessions.history", { sessionKey: key, limit: PAGE, includeTools: true });
    const [{ runs }, { approvals }] = await Promise.all([
      gateway.call("runs.list", { sessionKey: key, limit: PAGE }),
      gateway.call("approvals.list", { sessionKey: key }),
    ]);
    if (closing.signal.aborted) return;
    state.reset({ messages: history.messages.map(toShownMessage), hasMore: history.hasMore, runs, approvals });
    // What was told meanwhile is in there, or is taken now: each counts once.
    const missed = early;
    early = undefined;
    isReady.value = true;
    missed.forEach(take);
  };

  const query = new URLSearchParams({ sessionKey: key });
  const onOpen = () => void attempt(read);
  void follow({ query: String(query), onOpen, onEvent: take, signal: closing.signal });

  return {
    key,
    state,
    isReady,
    isStopping,
    rows: computed(() => toRows(state, [])),
    close: () => closing.abort(),
    /** Into the run under way, or else as the next message. Resolves with whether it was taken. */
    say: (message: string) =>
      attempt(async () => {
        const runId = state.activeRun.value;
        if (runId !== undefined && state.runs.value.get(runId)?.state === "running") {
          try {
            await gateway.call("sessions.steer", { message, runId });
            return;
          } catch (error) {
            // It ended meanwhile.
            if ((error as { code?: unknown }).code !== "conflict") throw error;
          }
        }
        await gateway.call("sessions.send", { sessionKey: key, message, timeoutSeconds: 0 });
      }),
    async stop(): Promise<void> {
      const runId = state.activeRun.value;
      if (runId === undefined || isStopping.value) return;
      isStopping.value = true;
      if (!(await attempt(() => gateway.call("runs.cancel", { runId })))) isStopping.value = false;
    },
    loadOlder: () =>
      attempt(async () => {
        const before = state.messages.value[0]?.seq;
        if (before === undefined) return;
        const page = await gateway.call("sessions.history", {
          sessionKey: key,
          limit: PAGE,
          includeTools: true,
          before,
        });
        state.prepend(page.messages.map(toShownMessage), page.hasMore);
      }),
  };
}
