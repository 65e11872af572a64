import { batch, computed, signal } from "@preact/signals";
import { defined } from "../../src/base/defined.ts";
import type { Approval } from "../../src/protocol/approval.ts";
import type { RunEvent } from "../../src/protocol/event.ts";
import type { Origin } from "../../src/protocol/message.ts";
import type { RunOutcome, RunState } from "../../src/protocol/run.ts";
import { createReplyBuffer } from "./replyBuffer.ts";
import type { ShownMessage } from "./panelMessage.ts";
import type { RunEntry } from "./panelRoutes.ts";

const PROGRESS_CHARS = 20_000;

/** A tool call as its events tell it, until its message is stored. */
export interface LiveCall {
  callId: string;
  runId: string;
  /** "" where its start is not known: its message says what it is. */
  name: string;
  input: unknown;
  progress: string;
  durationMs?: number;
  isError?: boolean;
}

export interface RunView {
  state: RunState;
  outcome?: RunOutcome;
  finishedAt?: string;
  /** It only plans, whatever becomes of it. */
  plan?: true;
  /** What a queued run will answer: it is not among the messages yet. */
  queued?: { text: string; origin?: Origin; carries?: string[] };
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
  const known = knowNothing();
  const { messages, hasOlder, calls, runs, approvals, notices, reply } = known;
  return {
    messages,
    hasOlder,
    calls,
    runs,
    approvals,
    notices,
    reply,
    /** A run is queued or under way. */
    isBusy: computed(() => [...runs.value.values()].some((run) => run.state !== "finished")),
    /** The run that is under way, or else the one that begins next. */
    activeRun: computed(() => {
      const open = [...runs.value].filter(([, run]) => run.state !== "finished");
      return (open.find(([, run]) => run.state === "running") ?? open[0])?.[0];
    }),
    apply: (event: RunEvent) => apply(known, event),
    /** Something worth showing that no run's stream tells. */
    note: (runId: string, text: string) => {
      // Between the stored events, each with a place of its own.
      const seq = known.last.seq + 0.001 * (1 + (known.notices.value.length % 900));
      known.notices.value = [...known.notices.value, { seq, runId, text }];
    },
    reset: (snapshot: Snapshot) => batch(() => reset(known, snapshot)),
    prepend: (older: ShownMessage[], hasMore: boolean) => batch(() => prepend(known, older, hasMore)),
  };
}

type Known = ReturnType<typeof knowNothing>;

function knowNothing() {
  return {
    messages: signal<ShownMessage[]>([]),
    hasOlder: signal(false),
    calls: signal<ReadonlyMap<string, LiveCall>>(new Map()),
    runs: signal<ReadonlyMap<string, RunView>>(new Map()),
    approvals: signal<Approval[]>([]),
    notices: signal<Notice[]>([]),
    /** The message being written, drawn at most once per frame. */
    reply: createReplyBuffer(),
    /** The place of the newest event that was applied. */
    last: { seq: 0, part: 0 },
  };
}

function apply(known: Known, event: RunEvent): void {
  // Deltas carry the seq of the stored event before them, and count on by their part.
  const { seq, part = 0 } = event;
  const { last } = known;
  if (seq < last.seq || (seq === last.seq && part <= last.part)) return;
  known.last = { seq, part };
  batch(() => applyFact(known, event));
}

function applyFact(known: Known, event: RunEvent): void {
  switch (event.type) {
    case "run.queued":
      return setRun(known, event.runId, {
        state: "queued",
        queued: { text: event.text, origin: event.origin, ...defined({ carries: event.carries }) },
        ...defined({ plan: event.plan }),
      });
    case "run.resumed":
      // It answers anew.
      known.reply.end(event.runId);
      return setRun(known, event.runId, { state: "running" });
    case "run.started":
      return setRun(known, event.runId, { state: "running", ...defined({ plan: event.plan }) });
    case "run.notice":
      known.notices.value = [...known.notices.value, { seq: event.seq, runId: event.runId, text: event.text }];
      return;
    case "text.delta":
    case "thinking.delta":
      return known.reply.add(event);
    case "tool.started":
      return setCall(known, event.callId, {
        callId: event.callId,
        runId: event.runId,
        name: event.name,
        input: event.input,
        progress: "",
      });
    case "tool.progress": {
      const { callId, runId } = event;
      // Of calls side by side all but the first to end began before what is told to a page that was loaded meanwhile.
      const call = known.calls.value.get(callId) ?? { callId, runId, name: "", input: undefined, progress: "" };
      return setCall(known, callId, { ...call, progress: (call.progress + event.text).slice(-PROGRESS_CHARS) });
    }
    case "tool.finished": {
      const call = known.calls.value.get(event.callId);
      if (call) setCall(known, event.callId, { ...call, durationMs: event.durationMs, isError: event.isError });
      return;
    }
    case "approval.asked":
      // A call is asked for again after a restart: of the two questions only the newer can be answered.
      known.approvals.value = [
        ...known.approvals.value.filter(({ callId }) => callId !== event.approval.callId),
        event.approval,
      ];
      return;
    case "approval.answered":
      known.approvals.value = known.approvals.value.filter(({ id }) => id !== event.approvalId);
      return;
    case "message": {
      const { seq, runId, at, message } = event;
      if (message.role === "assistant") known.reply.settle(runId, seq);
      known.messages.value = [...known.messages.value, { ...message, seq, runId, createdAt: at }];
      return;
    }
    case "run.finished":
      known.reply.end(event.runId);
      known.approvals.value = known.approvals.value.filter(({ runId }) => runId !== event.runId);
      return setRun(known, event.runId, { state: "finished", outcome: event.outcome, finishedAt: event.at });
    case "usage":
      return;
  }
}

function setRun(known: Known, runId: string, run: RunView): void {
  const { plan } = known.runs.value.get(runId) ?? {};
  known.runs.value = new Map(known.runs.value).set(runId, { ...defined({ plan }), ...run });
}

function setCall(known: Known, callId: string, call: LiveCall): void {
  known.calls.value = new Map(known.calls.value).set(callId, call);
}

function reset(known: Known, snapshot: Snapshot): void {
  known.last = { seq: snapshot.messages.at(-1)?.seq ?? 0, part: 0 };
  known.reply.clear();
  known.messages.value = snapshot.messages;
  known.hasOlder.value = snapshot.hasMore;
  known.calls.value = new Map();
  known.notices.value = [];
  known.approvals.value = snapshot.approvals;
  known.runs.value = new Map(
    snapshot.runs.toReversed().map(({ runId, state, plan, queued, carries, origin, outcome, finishedAt }) => [
      runId,
      {
        state,
        ...defined({ plan }),
        outcome: outcome ?? undefined,
        finishedAt: finishedAt ?? undefined,
        queued: queued === undefined ? undefined : { text: queued, origin, ...defined({ carries }) },
      },
    ]),
  );
}

function prepend({ messages, hasOlder }: Known, older: ShownMessage[], hasMore: boolean): void {
  messages.value = [...older, ...messages.value];
  hasOlder.value = hasMore;
}
