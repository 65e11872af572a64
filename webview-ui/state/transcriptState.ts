import { batch, computed, signal } from "@preact/signals";
import type { Approval } from "../../src/protocol/approval.ts";
import type { RunEvent } from "../../src/protocol/event.ts";
import type { Origin } from "../../src/protocol/message.ts";
import type { RunOutcome, RunState } from "../../src/protocol/run.ts";
import { createReplyBuffer } from "./replyBuffer.ts";
import type { ShownMessage } from "./panelMessage.ts";
import type { RunEntry } from "./panelRoutes.ts";

/** A tool call as its events tell it, until its message is stored. */
export interface LiveCall {
  callId: string;
  runId: string;
  name: string;
  input: unknown;
  startedAt: number;
  progress: string;
  durationMs?: number;
  isError?: boolean;
}

export interface RunView {
  state: RunState;
  outcome?: RunOutcome;
  finishedAt?: string;
  /** What a queued run will answer: it is not among the messages yet. */
  queued?: { text: string; origin?: Origin };
}

/** A remark of the gateway that is told but not stored. */
export interface Notice {
  seq: number;
  runId: string;
  text: string;
}

export interface Snapshot {
  messages: ShownMessage[];
  hasMore: boolean;
  /** Newest first. */
  runs: RunEntry[];
  approvals: Approval[];
}

export type TranscriptState = ReturnType<typeof createTranscriptState>;

/** What is known of the shown session: a snapshot, then every event after it, each applied once and in order. */
export function createTranscriptState() {
  const messages = signal<ShownMessage[]>([]);
  const hasOlder = signal(false);
  const calls = signal<ReadonlyMap<string, LiveCall>>(new Map());
  const runs = signal<ReadonlyMap<string, RunView>>(new Map());
  const approvals = signal<Approval[]>([]);
  const notices = signal<Notice[]>([]);
  const reply = createReplyBuffer();
  let lastSeq = 0;
  let lastPart = 0;

  function apply(event: RunEvent): void {
    // Deltas carry the seq of the stored event before them, and count on by their part.
    const { seq, part = 0 } = event;
    if (seq < lastSeq || (seq === lastSeq && part <= lastPart)) return;
    lastSeq = seq;
    lastPart = part;
    batch(() => applyFact(event));
  }

  function applyFact(event: RunEvent): void {
    switch (event.type) {
      case "run.queued":
        return setRun(event.runId, { state: "queued", queued: { text: event.text, origin: event.origin } });
      case "run.started":
      case "run.resumed":
        return setRun(event.runId, { state: "running" });
      case "run.notice":
        notices.value = [...notices.value, { seq: event.seq, runId: event.runId, text: event.text }];
        return;
      case "text.delta":
      case "thinking.delta":
        return reply.add(event);
      case "tool.started":
        return setCall(event.callId, {
          callId: event.callId,
          runId: event.runId,
          name: event.name,
          input: event.input,
          startedAt: Date.parse(event.at),
          progress: "",
        });
      case "tool.progress": {
        const call = calls.value.get(event.callId);
        if (call) setCall(event.callId, { ...call, progress: (call.progress + event.text).slice(-PROGRESS_CHARS) });
        return;
      }
      case "tool.finished": {
        const call = calls.value.get(event.callId);
        if (call) setCall(event.callId, { ...call, durationMs: event.durationMs, isError: event.isError });
        return;
      }
      case "approval.asked":
        // A call is asked for again after a restart: of the two questions only the newer can be answered.
        approvals.value = [...approvals.value.filter(({ callId }) => callId !== event.approval.callId), event.approval];
        return;
      case "approval.answered":
        approvals.value = approvals.value.filter(({ id }) => id !== event.approvalId);
        return;
      case "message": {
        const { seq, runId, at, message } = event;
        if (message.role === "assistant") reply.settle(seq);
        messages.value = [...messages.value, { ...message, seq, runId, createdAt: at }];
        return;
      }
      case "run.finished":
        reply.clear();
        approvals.value = approvals.value.filter(({ runId }) => runId !== event.runId);
        return setRun(event.runId, { state: "finished", outcome: event.outcome, finishedAt: event.at });
      case "usage":
        return;
    }
  }

  function setRun(runId: string, run: RunView): void {
    runs.value = new Map(runs.value).set(runId, run);
  }

  function setCall(callId: string, call: LiveCall): void {
    calls.value = new Map(calls.value).set(callId, call);
  }

  return {
    messages,
    hasOlder,
    calls,
    runs,
    approvals,
    notices,
    /** The message being written, drawn at most once per frame. */
    reply,
    /** A run is queued or under way. */
    isBusy: computed(() => [...runs.value.values()].some((run) => run.state !== "finished")),
    /** The run that is under way, or else the one that begins next. */
    activeRun: computed(() => {
      const open = [...runs.value].filter(([, run]) => run.state !== "finished");
      return (open.find(([, run]) => run.state === "running") ?? open[0])?.[0];
    }),
    apply,
    reset(snapshot: Snapshot) {
      batch(() => {
        lastSeq = snapshot.messages.at(-1)?.seq ?? 0;
        lastPart = 0;
        reply.clear();
        messages.value = snapshot.messages;
        hasOlder.value = snapshot.hasMore;
        calls.value = new Map();
        notices.value = [];
        approvals.value = snapshot.approvals;
        runs.value = new Map(
          snapshot.runs
            .toReversed()
            .map(({ runId, state, outcome, finishedAt }) => [
              runId,
              { state, outcome: outcome ?? undefined, finishedAt: finishedAt ?? undefined },
            ]),
        );
      });
    },
    prepend(older: ShownMessage[], hasMore: boolean) {
      batch(() => {
        messages.value = [...older, ...messages.value];
        hasOlder.value = hasMore;
      });
    },
  };
}

const PROGRESS_CHARS = 20_000;
