import { computed, signal } from "@preact/signals";
import { isLasting } from "../../src/base/appError.ts";
import { isRunEvent } from "../../src/protocol/eventKind.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import { toShownMessage } from "../state/panelMessage.ts";
import type { PanelRoutes } from "../state/panelRoutes.ts";
import { toRows } from "../state/rows.ts";
import { createTranscriptState } from "../state/transcriptState.ts";
import type { PhoneDraft, Saying } from "./phoneDrafts.ts";
import { codeOf, type PhoneLink } from "./phoneLink.ts";

const PAGE = 50;

export type PhoneSession = ReturnType<typeof openPhoneSession>;
type SteerInput = PanelRoutes["sessions.steer"]["input"];
type SendInput = PanelRoutes["sessions.send"]["input"];
type Attempt = (work: () => Promise<unknown>) => Promise<boolean>;

export interface PhoneSessionOptions {
  link: PhoneLink;
  key: string;
  draft: PhoneDraft;
  attempt: Attempt;
  /** There is no such session. */
  onGone: () => void;
}

/** A session that is left, or is not there any more, is told of by itself. */
async function unlessGone(read: () => Promise<void>, left: AbortSignal, onGone: () => void): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (left.aborted) return;
    if (codeOf(error) !== "not_found") throw error;
    onGone();
  }
}

/** A session as it is stored, kept up to date by its events until it is closed. */
export function openPhoneSession({ link: { gateway, follow }, key, draft, attempt, onGone }: PhoneSessionOptions) {
  const state = createTranscriptState();
  const isReady = signal(false);
  const stopping = signal<string | undefined>();
  const closing = new AbortController();
  let early: GatewayEvent[] | undefined;
  let reads = 0;

  const take = (event: GatewayEvent): void => {
    if (!isRunEvent(event) || event.sessionKey !== key) return;
    if (early) return void early.push(event);
    state.apply(event);
    if (event.type === "run.finished" && event.runId === stopping.value) stopping.value = undefined;
  };

  const read = async (): Promise<void> => {
    const mine = ++reads;
    early = [];
    const history = await gateway.call("sessions.history", { sessionKey: key, limit: PAGE, includeTools: true });
    const [{ runs }, { approvals }] = await Promise.all([
      gateway.call("runs.list", { sessionKey: key, limit: PAGE }),
      gateway.call("approvals.list", { sessionKey: key }),
    ]);
    if (closing.signal.aborted || mine !== reads) return;
    state.reset({ messages: history.messages.map(toShownMessage), hasMore: history.hasMore, runs, approvals });
    // What was told meanwhile is in there, or is taken now: each counts once.
    const missed = early;
    early = undefined;
    isReady.value = true;
    missed.forEach(take);
  };

  const query = new URLSearchParams({ sessionKey: key });
  const onOpen = () => attempt(() => unlessGone(read, closing.signal, onGone));
  follow({ query: String(query), onOpen, onEvent: take, signal: closing.signal }).catch(onGone);

  const say = async ({ message, idempotencyKey, runId }: Saying): Promise<void> => {
    if (runId !== undefined) {
      try {
        await gateway.call("sessions.steer", { message, runId, idempotencyKey } as SteerInput);
        return;
      } catch (error) {
        // It ended meanwhile.
        if (codeOf(error) !== "conflict") throw error;
      }
    }
    // Another call than the one before, which has its answer under that key.
    const sent = { message, sessionKey: key, timeoutSeconds: 0, idempotencyKey: `${idempotencyKey}-send` };
    await gateway.call("sessions.send", sent as SendInput);
  };

  return {
    key,
    state,
    isReady,
    isStopping: computed(() => stopping.value !== undefined),
    rows: computed(() => toRows(state, [])),
    close: () => closing.abort(),
    draft,
    /** What is written goes into the run under way, or else as the next message; it is written again where it was not taken. */
    say: () =>
      attempt(async () => {
        const active = state.activeRun.value;
        const isRunning = active !== undefined && state.runs.value.get(active)?.state === "running";
        const saying = draft.take(isRunning ? active : undefined);
        try {
          await say(saying);
        } catch (error) {
          const code = codeOf(error);
          // Who may not come in hears nothing of what was taken before.
          draft.putBack(saying, code !== undefined && code !== "forbidden" && isLasting({ code }));
          throw error;
        }
        draft.taken();
      }),
    async stop(): Promise<void> {
      const runId = state.activeRun.value;
      if (runId === undefined || stopping.value !== undefined) return;
      stopping.value = runId;
      if (!(await attempt(() => gateway.call("runs.cancel", { runId })))) stopping.value = undefined;
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
