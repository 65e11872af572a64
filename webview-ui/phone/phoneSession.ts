import { computed, signal } from "@preact/signals";
import { isRunEvent } from "../../src/protocol/eventKind.ts";
import type { GatewayEvent } from "../../src/protocol/event.ts";
import { toShownMessage } from "../state/panelMessage.ts";
import type { PanelRoutes } from "../state/panelRoutes.ts";
import { toRows } from "../state/rows.ts";
import { createTranscriptState } from "../state/transcriptState.ts";
import { codeOf, type PhoneLink } from "./phoneLink.ts";

const PAGE = 50;

export type PhoneSession = ReturnType<typeof openPhoneSession>;
type SteerInput = PanelRoutes["sessions.steer"]["input"];
type SendInput = PanelRoutes["sessions.send"]["input"];
type Attempt = (work: () => Promise<unknown>) => Promise<boolean>;

/** Something said that may have been taken, though nobody could tell: asked again in the same way, it counts once. */
interface Unsure {
  message: string;
  idempotencyKey: string;
  /** The run that it was said to. */
  runId: string | undefined;
}

export interface PhoneSessionOptions {
  link: PhoneLink;
  key: string;
  attempt: Attempt;
  /** There is no such session. */
  onGone: () => void;
}

/** A session as it is stored, kept up to date by its events until it is closed. */
export function openPhoneSession({ link: { gateway, follow }, key, attempt, onGone }: PhoneSessionOptions) {
  const state = createTranscriptState();
  const isReady = signal(false);
  const stopping = signal<string | undefined>();
  const closing = new AbortController();
  let early: GatewayEvent[] | undefined;
  let unsure: Unsure | undefined;
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
  const onOpen = () => attempt(read);
  follow({ query: String(query), onOpen, onEvent: take, signal: closing.signal }).catch(onGone);

  const say = async ({ runId, ...given }: Unsure): Promise<void> => {
    if (runId !== undefined) {
      try {
        await gateway.call("sessions.steer", { ...given, runId } as SteerInput);
        return;
      } catch (error) {
        // It ended meanwhile.
        if (codeOf(error) !== "conflict") throw error;
      }
    }
    await gateway.call("sessions.send", { ...given, sessionKey: key, timeoutSeconds: 0 } as SendInput);
  };

  return {
    key,
    state,
    isReady,
    isStopping: computed(() => stopping.value !== undefined),
    rows: computed(() => toRows(state, [])),
    close: () => closing.abort(),
    /** Into the run under way, or else as the next message. Resolves with whether it was taken. */
    say: (message: string) =>
      attempt(async () => {
        const active = state.activeRun.value;
        const isRunning = active !== undefined && state.runs.value.get(active)?.state === "running";
        if (unsure?.message !== message)
          unsure = { message, idempotencyKey: crypto.randomUUID(), runId: isRunning ? active : undefined };
        try {
          await say(unsure);
        } catch (error) {
          // What the gateway refused it did not take.
          if (codeOf(error) !== undefined) unsure = undefined;
          throw error;
        }
        unsure = undefined;
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
