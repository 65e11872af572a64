import { computed, signal } from "@preact/signals";
import type { Offer } from "../../src/protocol/approval.ts";
import type { ErrorCode } from "../../src/protocol/error.ts";
import { defined } from "../../src/base/defined.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import type { Attachment } from "../../src/protocol/message.ts";
import type { FoundAt } from "../../src/protocol/panel/foundAt.ts";
import type { Session } from "../../src/protocol/session.ts";
import type { RunOutcome } from "../../src/protocol/run.ts";
import { isRunEvent } from "../../src/protocol/eventKind.ts";
import { toRows, type PendingSend } from "./rows.ts";
import type { Gateway, SessionFigures } from "./panelRoutes.ts";
import { type ShownMessage, toShownMessage } from "./panelMessage.ts";
import { readCarried } from "./carried.ts";
import type { Written } from "./draft.ts";
import type { Said } from "./promptList.ts";
import { createTranscriptState } from "./transcriptState.ts";

export type PanelSession = ReturnType<typeof createPanelSession>;

/** The session that is always there. */
const MAIN = "main";
const PAGE = 100;
/** Messages that are read at a time on the way to one that was found. */
const MOST = 1000;
/** Runs whose endings are shown among older messages. */
const RUNS = 50;

/** The session the panel shows: what the gateway stores of it, kept up to date by its events. `isWritten`: something in it is not sent. */
export function createPanelSession(gateway: Gateway, firstKey: string, isWritten = (_sessionKey: string) => false) {
  const panel = openPanel(gateway, firstKey, isWritten);
  const { key, phase, left, read, figures, problem, pending, finished, state, found } = panel;
  gateway.onEvent((event) => heard(panel, event));
  return {
    key,
    phase,
    left,
    read,
    figures,
    problem,
    isStopping: computed(() => panel.stopping.value !== undefined),
    isBusy: computed(() => state.isBusy.value || pending.value.length > 0),
    finished,
    state,
    found,
    rows: computed(() => toRows(state, pending.value)),
    reload: () => reload(panel),
    /** With `found`, at that message. */
    show: (sessionKey: string, found?: FoundAt) => show(panel, sessionKey, found),
    loadOlder: (limit?: number) => loadOlder(panel, limit),
    send: (message: Send) => send(panel, message),
    retry: (runId: string) => retry(panel, runId),
    typed: (runId: string, text: string) => typed(panel, runId, text),
    stop: () => stop(panel),
    unqueue: (runId: string) => unqueue(panel, runId),
    answer: (id: string, offer: Offer) => answer(panel, id, offer),
    attempt: (work: () => Promise<unknown>, wanted?: () => boolean) => attempt(panel, work, wanted),
    refreshFigures: () => refreshFigures(panel),
  };
}

type Panel = ReturnType<typeof openPanel>;

function openPanel(gateway: Gateway, firstKey: string, isWritten: (sessionKey: string) => boolean) {
  return {
    gateway,
    isWritten,
    key: signal(firstKey),
    /** One that is deleted is shown for what is written in it. */
    phase: signal<"waiting" | "loading" | "ready" | "deleted">("waiting"),
    /** The session that was shown until it was deleted. */
    left: signal<string | undefined>(),
    /** Which session was read from the store last: another value each time. */
    read: signal<{ sessionKey: string } | undefined>(),
    figures: signal<SessionFigures | undefined>(),
    /** What went wrong with the last call, for the user to read and dismiss. */
    problem: signal<string | undefined>(),
    /** The run that was asked to stop, and has yet to end. */
    stopping: signal<string | undefined>(),
    pending: signal<PendingSend[]>([]),
    /** The run that was seen to end well most recently. */
    finished: signal<{ runId: string; outcome: RunOutcome } | undefined>(),
    state: createTranscriptState(),
    /** The message that is gone to, and stays marked until the user does something else. */
    found: signal<(FoundAt & { leavesKeyboard?: true }) | undefined>(),
    subscription: undefined as string | undefined,
    /** Counts the loads: one that is not the newest is void, and so are its answers and its failures. */
    load: 0,
    /** Older messages that are on their way, and the load that they are for. */
    loadingOlder: undefined as { load: number; done: Promise<void> } | undefined,
    sends: 0,
  };
}

function heard(panel: Panel, event: GatewayEvent): void {
  const { key, phase } = panel;
  if (event.type === "session.deleted" && event.sessionKey === key.value) void leave(panel);
  if (event.type === "session.changed" && (isBack(panel, event.session) || isEmptied(panel, event.session)))
    void reload(panel);
  if (event.type === "budget.warned" && event.sessionKey === key.value) panel.state.note(event.by, event.text);
  if (phase.value === "ready" && isRunEvent(event) && event.sessionKey === key.value) follow(panel, event);
}

/** As the editor does with a file that is deleted: one that nobody writes in is shown no more, and another stays as it is. */
async function leave(panel: Panel): Promise<void> {
  const sessionKey = panel.key.value;
  if (!panel.isWritten(sessionKey)) {
    const shown = show(panel, MAIN);
    panel.left.value = sessionKey;
    return shown;
  }
  panel.load++;
  empty(panel, panel.state.messages.value);
  panel.phase.value = "deleted";
  panel.read.value = { sessionKey };
  await unsubscribe(panel);
}

/** What was deleted was brought back. */
function isBack({ key, phase, left }: Panel, { key: changed }: Session): boolean {
  if (changed === left.value) left.value = undefined;
  return changed === key.value && phase.value === "deleted";
}

/** The shown session was reset: what is shown, or was on its way, is no more. */
function isEmptied(panel: Panel, { key: changed, state: now, messageCount }: Session): boolean {
  const holds = panel.phase.value === "loading" || panel.state.messages.value.length > 0;
  return changed === panel.key.value && now === "idle" && messageCount === 0 && holds;
}

function follow(panel: Panel, event: Extract<GatewayEvent, { runId: string }>): void {
  const wasFinished = panel.state.runs.value.get(event.runId)?.state === "finished";
  panel.state.apply(event);
  if (event.type === "message" && event.message.role === "user") settlePending(panel, event.runId, event.message.text);
  if (event.type === "run.queued") settlePending(panel, event.runId, event.text);
  if (event.type === "usage" || event.type === "run.finished") void refreshFigures(panel);
  if (event.type === "run.finished") {
    if (event.runId === panel.stopping.value) panel.stopping.value = undefined;
    // The ending of a run that was over before is told again after a reload; one that was taken into another has none of its own.
    const isJoined = event.outcome.type === "done" && event.outcome.joined !== undefined;
    if (!wasFinished && !isJoined) panel.finished.value = { runId: event.runId, outcome: event.outcome };
  }
}

/** Reads the session again from the store, and follows it from there. */
async function reload(panel: Panel): Promise<void> {
  const mine = ++panel.load;
  const sessionKey = panel.key.value;
  if (panel.phase.value !== "ready") panel.phase.value = "loading";
  await attempt(
    panel,
    async () => {
      try {
        await read(panel, sessionKey, mine);
      } catch (error) {
        if (!isNotFound(error) || sessionKey === MAIN || mine !== panel.load) throw error;
        // It was deleted while nobody looked.
        await leave(panel);
      }
    },
    isNewest(panel, mine),
  );
  if (mine === panel.load) await refreshFigures(panel);
}

function isNewest(panel: Panel, mine: number): () => boolean {
  return () => mine === panel.load;
}

async function read(panel: Panel, sessionKey: string, mine: number): Promise<void> {
  await unsubscribe(panel);
  // The history comes first: all that happens after it is told by the subscription, whatever the other answers saw.
  const history = await panel.gateway.call("sessions.history", { sessionKey, limit: PAGE, includeTools: true });
  const [{ runs }, { approvals }] = await Promise.all([
    panel.gateway.call("runs.list", { sessionKey, limit: RUNS }),
    panel.gateway.call("approvals.list", { sessionKey }),
  ]);
  if (mine !== panel.load) return;
  panel.state.reset({ messages: history.messages.map(toShownMessage), hasMore: history.hasMore, runs, approvals });
  panel.pending.value = [];
  panel.stopping.value = undefined;
  panel.phase.value = "ready";
  panel.read.value = { sessionKey };
  void loadFound(panel);
  const { subscriptionId } = await panel.gateway.call("events.subscribe", { sessionKey, after: history.lastEventId });
  panel.subscription = subscriptionId;
  if (mine !== panel.load) await unsubscribe(panel);
}

/** Two subscriptions of one session would tell its events twice and out of order. */
async function unsubscribe(panel: Panel): Promise<void> {
  const subscriptionId = panel.subscription;
  panel.subscription = undefined;
  if (subscriptionId === undefined) return;
  // One that went away with an earlier wire is ended already.
  await panel.gateway.call("events.unsubscribe", { subscriptionId }).catch(() => undefined);
}

async function show(panel: Panel, sessionKey: string, found?: FoundAt): Promise<void> {
  panel.found.value = found;
  if (sessionKey === panel.key.value && panel.phase.value === "ready") return loadFound(panel);
  panel.key.value = sessionKey;
  panel.phase.value = "loading";
  panel.problem.value = undefined;
  panel.left.value = undefined;
  empty(panel, []);
  await reload(panel);
}

/** Nothing is under way in it, nor known of it but these messages. */
function empty(panel: Panel, messages: ShownMessage[]): void {
  panel.figures.value = undefined;
  panel.pending.value = [];
  panel.stopping.value = undefined;
  panel.state.reset({ messages, hasMore: false, runs: [], approvals: [] });
}

/** Reads back to the message that was found. One that is gone, or cannot be read, is not gone to. */
async function loadFound(panel: Panel): Promise<void> {
  const { found, state } = panel;
  for (;;) {
    const wanted = found.value?.seq;
    const oldest = state.messages.value[0]?.seq;
    if (wanted === undefined || oldest === undefined) return;
    if (oldest <= wanted && state.messages.value.some(({ seq }) => seq === wanted)) return;
    if (oldest > wanted && state.hasOlder.value) await loadOlder(panel, MOST);
    if (found.value?.seq === wanted && state.messages.value[0]?.seq === oldest) found.value = undefined;
  }
}

/** Resolves when they are there, also where they were on their way already. */
function loadOlder(panel: Panel, limit = PAGE): Promise<void> {
  const mine = panel.load;
  if (panel.loadingOlder?.load === mine) return panel.loadingOlder.done;
  const before = panel.state.messages.value[0]?.seq;
  if (!panel.state.hasOlder.value || before === undefined) return Promise.resolve();
  const loading = { load: mine, done: readOlder(panel, { limit, before, mine }) };
  panel.loadingOlder = loading;
  return loading.done.finally(() => {
    if (panel.loadingOlder === loading) panel.loadingOlder = undefined;
  });
}

async function readOlder(panel: Panel, { limit, before, mine }: { limit: number; before: number; mine: number }) {
  await attempt(
    panel,
    async () => {
      const page = await panel.gateway.call("sessions.history", {
        sessionKey: panel.key.value,
        limit,
        includeTools: true,
        before,
      });
      if (mine === panel.load) panel.state.prepend(page.messages.map(toShownMessage), page.hasMore);
    },
    isNewest(panel, mine),
  );
}

interface Send {
  written: Written;
  said: Said;
  /** The session that was shown when it was written: another may be by now. */
  sessionKey: string;
}

/** The run that a message is for, or that it was not sent, with the gateway's word for why where it had one. */
type Sent = { runId: string } | { runId?: undefined; code: ErrorCode | undefined };

async function send(panel: Panel, { written, said, sessionKey }: Send): Promise<Sent> {
  const { text, attachments, refs, idempotencyKey } = written;
  const carries = [...attachments.map(({ name }) => name), ...refs.map(({ label }) => label)];
  const id = String(++panel.sends);
  if (sessionKey === panel.key.value) panel.pending.value = [...panel.pending.value, { id, text, carries }];
  let sent: Sent = { code: undefined };
  await attempt(panel, async () => {
    const all = await readCarried(panel.gateway, written);
    const params = {
      ...{ ...said, sessionKey, timeoutSeconds: 0 },
      ...(all.length > 0 && { attachments: all }),
      ...defined({ idempotencyKey }),
    };
    const { runId } = await panel.gateway.call("sessions.send", params).catch((error: unknown) => {
      sent = { code: (error as { code?: ErrorCode }).code };
      throw error;
    });
    sent = { runId };
    panel.pending.value = panel.state.runs.value.has(runId)
      ? panel.pending.value.filter((entry) => entry.id !== id)
      : panel.pending.value.map((entry) => (entry.id === id ? { ...entry, runId } : entry));
  });
  if (sent.runId === undefined) panel.pending.value = panel.pending.value.filter((entry) => entry.id !== id);
  // It may have been taken, and the session says whether.
  if (sent.runId === undefined && sent.code === "unavailable") void reload(panel);
  return sent;
}

function settlePending(panel: Panel, runId: string, text: string): void {
  const entry =
    panel.pending.value.find((p) => p.runId === runId) ?? panel.pending.value.find((p) => !p.runId && p.text === text);
  if (entry) panel.pending.value = panel.pending.value.filter((other) => other !== entry);
}

/** What was said to a run, as it is typed again: what was to be planned first still is. */
function typed(panel: Panel, runId: string, text: string): string {
  const plans = panel.state.runs.value.get(runId)?.plan && panel.figures.value?.mode !== "plan";
  return plans ? `/plan ${text}` : text;
}

/** Sends the message of a run again, to be planned first where it was. */
async function retry(panel: Panel, runId: string): Promise<void> {
  const message = panel.state.messages.value.find((stored) => stored.role === "user" && stored.runId === runId);
  if (message?.role !== "user") return;
  const { text, attachments = [], prompt } = message;
  const words = prompt ? { prompt: prompt.name, arguments: text.replace(/^\S+\s*/, "") } : { message: text };
  const said: Said = { ...words, ...(panel.state.runs.value.get(runId)?.plan && { mode: "plan" }) };
  await send(panel, { written: { text, attachments, refs: [] }, said, sessionKey: panel.key.value });
}

/** Ends the run that is under way; what waits behind it stays and begins. */
async function stop(panel: Panel): Promise<void> {
  const runId = panel.state.activeRun.value;
  if (runId === undefined || panel.stopping.value !== undefined) return;
  const sessionKey = panel.key.value;
  const isShown = () => sessionKey === panel.key.value;
  panel.stopping.value = runId;
  const isTaken = await attempt(panel, () => panel.gateway.call("runs.cancel", { runId }), isShown);
  if (!isTaken && isShown()) panel.stopping.value = undefined;
}

/** Takes a message that waits out of the queue, and gives what it was sent with; undefined when it had begun meanwhile, or the gateway did not answer. */
async function unqueue(panel: Panel, runId: string): Promise<Attachment[] | undefined> {
  if (panel.state.runs.value.get(runId)?.state !== "queued") return undefined;
  let attachments: Attachment[] | undefined;
  await attempt(panel, async () => {
    const [{ cancelled }, run] = await Promise.all([
      panel.gateway.call("runs.cancel", { runId }),
      panel.gateway.call("runs.get", { runId }),
    ]);
    if (cancelled) attachments = run.attachments ?? [];
  });
  return attachments;
}

async function answer(panel: Panel, id: string, { decision, rule }: Offer): Promise<boolean> {
  return attempt(panel, () => panel.gateway.call("approvals.answer", { id, decision, ...(rule ? { rule } : {}) }));
}

async function refreshFigures(panel: Panel): Promise<void> {
  const sessionKey = panel.key.value;
  const isShown = () => sessionKey === panel.key.value;
  await attempt(
    panel,
    async () => {
      try {
        const status = await panel.gateway.call("session.status", { sessionKey });
        if (isShown()) panel.figures.value = status;
      } catch (error) {
        // One that is gone is about to be left.
        if (!isNotFound(error)) throw error;
      }
    },
    isShown,
  );
}

/** The panel's end of the wire: an error becomes a sentence above the composer, while what failed is still `wanted`. */
async function attempt(
  panel: Panel,
  work: () => Promise<unknown>,
  wanted: () => boolean = () => true,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (wanted()) panel.problem.value = error instanceof Error ? error.message : String(error);
    return false;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === "not_found";
}
