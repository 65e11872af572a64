import { computed, signal } from "@preact/signals";
import type { Offer } from "../../src/protocol/approval.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import type { Session } from "../../src/protocol/session.ts";
import { isRunEvent } from "../../src/protocol/eventKind.ts";
import { toRows, type PendingSend } from "./rows.ts";
import type { Gateway, SessionFigures } from "./panelRoutes.ts";
import { toShownMessage } from "./panelMessage.ts";
import { createTranscriptState } from "./transcriptState.ts";

export type PanelSession = ReturnType<typeof createPanelSession>;

/** The session that is always there. */
const MAIN = "main";
const PAGE = 100;
/** Runs whose endings are shown among older messages. */
const RUNS = 50;

/** The session the panel shows: what the gateway stores of it, kept up to date by its events. */
export function createPanelSession(gateway: Gateway, firstKey: string) {
  const key = signal(firstKey);
  const phase = signal<"waiting" | "loading" | "ready">("waiting");
  const figures = signal<SessionFigures | undefined>();
  const problem = signal<string | undefined>();
  const isStopping = signal(false);
  const pending = signal<PendingSend[]>([]);
  const finished = signal<{ runId: string; reply: string } | undefined>();
  const state = createTranscriptState();
  let subscription: string | undefined;
  /** Counts the loads: one that is not the newest is void, and so are its answers and its failures. */
  let load = 0;
  /** The load whose older messages are on their way. */
  let loadingOlder: number | undefined;
  let sends = 0;

  gateway.onEvent((event) => {
    if (event.type === "session.deleted" && event.sessionKey === key.value) void show(MAIN);
    if (event.type === "session.changed" && isEmptied(event.session)) void reload();
    if (phase.value === "ready" && isRunEvent(event) && event.sessionKey === key.value) follow(event);
  });

  /** The shown session was reset: what is shown, or was on its way, is no more. */
  function isEmptied({ key: changed, state: now, messageCount }: Session): boolean {
    const holds = phase.value === "loading" || state.messages.value.length > 0;
    return changed === key.value && now === "idle" && messageCount === 0 && holds;
  }

  function follow(event: Extract<GatewayEvent, { runId: string }>): void {
    const wasFinished = state.runs.value.get(event.runId)?.state === "finished";
    state.apply(event);
    if (event.type === "message" && event.message.role === "user") settlePending(event.runId, event.message.text);
    if (event.type === "run.queued") settlePending(event.runId, event.text);
    if (event.type === "usage" || event.type === "run.finished") void refreshFigures();
    if (event.type === "run.finished") {
      isStopping.value = false;
      // The ending of a run that was over before is told again after a reload.
      if (event.outcome.type === "done" && !wasFinished)
        finished.value = { runId: event.runId, reply: event.outcome.reply };
    }
  }

  /** Reads the session again from the store, and follows it from there. */
  async function reload(): Promise<void> {
    const mine = ++load;
    const sessionKey = key.value;
    if (phase.value !== "ready") phase.value = "loading";
    await attempt(async () => {
      try {
        await read(sessionKey, mine);
      } catch (error) {
        if (!isNotFound(error) || sessionKey === MAIN || mine !== load) throw error;
        // It was deleted while nobody looked.
        await show(MAIN);
      }
    }, isNewest(mine));
    if (mine === load) await refreshFigures();
  }

  const isNewest = (mine: number) => () => mine === load;

  async function read(sessionKey: string, mine: number): Promise<void> {
    await unsubscribe();
    // The history comes first: all that happens after it is told by the subscription, whatever the other answers saw.
    const history = await gateway.call("sessions.history", { sessionKey, limit: PAGE, includeTools: true });
    const [{ runs }, { approvals }] = await Promise.all([
      gateway.call("runs.list", { sessionKey, limit: RUNS }),
      gateway.call("approvals.list", { sessionKey }),
    ]);
    if (mine !== load) return;
    state.reset({ messages: history.messages.map(toShownMessage), hasMore: history.hasMore, runs, approvals });
    pending.value = [];
    isStopping.value = false;
    phase.value = "ready";
    const { subscriptionId } = await gateway.call("events.subscribe", { sessionKey, after: history.lastEventId });
    subscription = subscriptionId;
    if (mine !== load) await unsubscribe();
  }

  /** Two subscriptions of one session would tell its events twice and out of order. */
  async function unsubscribe(): Promise<void> {
    const subscriptionId = subscription;
    subscription = undefined;
    if (subscriptionId === undefined) return;
    // One that went away with an earlier wire is ended already.
    await gateway.call("events.unsubscribe", { subscriptionId }).catch(() => undefined);
  }

  async function show(sessionKey: string): Promise<void> {
    if (sessionKey === key.value && phase.value === "ready") return;
    key.value = sessionKey;
    phase.value = "loading";
    figures.value = undefined;
    problem.value = undefined;
    pending.value = [];
    isStopping.value = false;
    state.reset({ messages: [], hasMore: false, runs: [], approvals: [] });
    await reload();
  }

  async function loadOlder(limit = PAGE): Promise<void> {
    const before = state.messages.value[0]?.seq;
    if (loadingOlder === load || !state.hasOlder.value || before === undefined) return;
    const mine = load;
    loadingOlder = mine;
    await attempt(async () => {
      const page = await gateway.call("sessions.history", { sessionKey: key.value, limit, includeTools: true, before });
      if (mine === load) state.prepend(page.messages.map(toShownMessage), page.hasMore);
    }, isNewest(mine));
    if (loadingOlder === mine) loadingOlder = undefined;
  }

  /** Resolves with whether the gateway took it. */
  async function send(message: string, attachments: Attachment[]): Promise<boolean> {
    const id = String(++sends);
    const sessionKey = key.value;
    pending.value = [...pending.value, { id, text: message }];
    const isTaken = await attempt(async () => {
      const params = { message, sessionKey, timeoutSeconds: 0, ...(attachments.length > 0 && { attachments }) };
      const { runId } = await gateway.call("sessions.send", params);
      pending.value = state.runs.value.has(runId)
        ? pending.value.filter((entry) => entry.id !== id)
        : pending.value.map((entry) => (entry.id === id ? { ...entry, runId } : entry));
    });
    if (!isTaken) pending.value = pending.value.filter((entry) => entry.id !== id);
    return isTaken;
  }

  function settlePending(runId: string, text: string): void {
    const entry =
      pending.value.find((p) => p.runId === runId) ?? pending.value.find((p) => !p.runId && p.text === text);
    if (entry) pending.value = pending.value.filter((other) => other !== entry);
  }

  /** Sends the message of a run again. */
  async function retry(runId: string): Promise<void> {
    const message = state.messages.value.find((stored) => stored.role === "user" && stored.runId === runId);
    if (message?.role === "user") await send(message.text, message.attachments ?? []);
  }

  /** Ends the run that is under way; what waits behind it stays and begins. */
  async function stop(): Promise<void> {
    const runId = state.activeRun.value;
    if (runId === undefined || isStopping.value) return;
    const sessionKey = key.value;
    const isShown = () => sessionKey === key.value;
    isStopping.value = true;
    const isTaken = await attempt(() => gateway.call("runs.cancel", { runId }), isShown);
    if (!isTaken && isShown()) isStopping.value = false;
  }

  /** Takes a message that waits out of the queue; false when it had begun meanwhile, or the gateway did not answer. */
  async function unqueue(runId: string): Promise<boolean> {
    if (state.runs.value.get(runId)?.state !== "queued") return false;
    return attempt(() => gateway.call("runs.cancel", { runId }));
  }

  async function answer(id: string, { decision, rule }: Offer): Promise<boolean> {
    return attempt(() => gateway.call("approvals.answer", { id, decision, ...(rule ? { rule } : {}) }));
  }

  async function refreshFigures(): Promise<void> {
    const sessionKey = key.value;
    const isShown = () => sessionKey === key.value;
    await attempt(async () => {
      try {
        const status = await gateway.call("session.status", { sessionKey });
        if (isShown()) figures.value = status;
      } catch (error) {
        // One that is gone is about to be left.
        if (!isNotFound(error)) throw error;
      }
    }, isShown);
  }

  /** The panel's end of the wire: an error becomes a sentence above the composer, while what failed is still `wanted`. */
  async function attempt(work: () => Promise<unknown>, wanted: () => boolean = () => true): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (wanted()) problem.value = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  return {
    key,
    phase,
    figures,
    /** What went wrong with the last call, for the user to read and dismiss. */
    problem,
    isStopping,
    isBusy: computed(() => state.isBusy.value || pending.value.length > 0),
    /** The run that was seen to end well most recently. */
    finished,
    state,
    rows: computed(() => toRows(state, pending.value)),
    reload,
    show,
    loadOlder,
    send,
    retry,
    stop,
    unqueue,
    answer,
    attempt,
    refreshFigures,
  };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === "not_found";
}
