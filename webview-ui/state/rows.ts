import type { Approval } from "../../src/protocol/approval.ts";
import type { Origin, ToolMessage } from "../../src/protocol/message.ts";
import type { RunOutcome } from "../../src/protocol/run.ts";
import type { CallState } from "../parts/callState.ts";
import type { ShownAs, ShownMessage } from "./panelMessage.ts";
import type { LiveCall, TranscriptState } from "./transcriptState.ts";

/** One row of the transcript, in the order shown. `key` stays the same for as long as the row is the same thing. */
export type Row = { key: string } & (
  | { type: "user"; message: ShownAs<"user"> }
  | { type: "assistant"; message: ShownAs<"assistant">; thinkingMs?: number }
  | { type: "reply" }
  | { type: "tool"; call: ToolRowCall }
  | { type: "system"; message: ShownAs<"system"> }
  | { type: "notice"; text: string }
  | {
      type: "outcome";
      outcome: Exclude<RunOutcome, { type: "done" }>;
      runId: string;
      finishedAt?: string;
      isLast: boolean;
    }
  | { type: "pending"; text: string; carries?: string[]; origin?: Origin; runId?: string; isNext?: boolean }
  | { type: "working" }
);

export interface ToolRowCall {
  id: string;
  name: string;
  input: unknown;
  state: CallState;
  result?: ToolMessage;
  live?: LiveCall;
  approval?: Approval;
}

export interface PendingSend {
  id: string;
  text: string;
  /** Names of its attachments. */
  carries?: string[];
  runId?: string;
}

/** Lays the session's state out as rows. */
export function toRows(state: TranscriptState, pending: PendingSend[]): Row[] {
  const layout = beginLayout(state);
  addMessages(layout);
  addOpenCalls(layout);
  addReply(layout);
  addQueue(layout, pending);
  return layout.rows;
}

/** Rows as they are laid out, and what is known of the messages as a whole. */
interface Layout {
  state: TranscriptState;
  rows: Row[];
  results: Map<string, ToolMessage>;
  shownCalls: Set<string>;
  /** The newest message of each run. */
  lastOf: Map<string, number>;
  lastRunId: string | undefined;
}

function beginLayout(state: TranscriptState): Layout {
  const messages = state.messages.value;
  const results = new Map<string, ToolMessage>();
  const lastOf = new Map<string, number>();
  for (const message of messages) {
    if (message.role === "tool") results.set(message.callId, message);
    lastOf.set(message.runId, message.seq);
  }
  const lastRunId = messages.findLast((message) => message.role === "user")?.runId;
  return { state, rows: [], results, shownCalls: new Set(), lastOf, lastRunId };
}

function addMessages(layout: Layout): void {
  const { state, rows, lastOf } = layout;
  const notices = [...state.notices.value];
  for (const message of state.messages.value) {
    while (notices[0] && notices[0].seq < message.seq) rows.push(toNoticeRow(notices.shift()!));
    rows.push(...toMessageRows(layout, message));
    if (lastOf.get(message.runId) !== message.seq) continue;
    // What a run said before it ended stands above how it ended.
    while (notices[0]?.runId === message.runId) rows.push(toNoticeRow(notices.shift()!));
    addOutcome(layout, message.runId);
  }
  for (const notice of notices) rows.push(toNoticeRow(notice));
}

/** Calls under way, and questions, whose message is not stored yet. */
function addOpenCalls(layout: Layout): void {
  const { state, rows, shownCalls } = layout;
  for (const { callId, durationMs, name, input, runId } of state.calls.value.values()) {
    if (name !== "" && !shownCalls.has(callId) && durationMs === undefined)
      rows.push(toToolRow(layout, { id: callId, name, input, runId }));
  }
  for (const { callId, tool, runId } of state.approvals.value) {
    if (!shownCalls.has(callId)) rows.push(toToolRow(layout, { id: callId, name: tool, input: undefined, runId }));
  }
}

function addReply({ state, rows }: Layout): void {
  const replyKey = state.reply.key.value;
  if (replyKey) rows.push({ type: "reply", key: replyKey });
  else if (isWorkingUnseen(state, rows)) rows.push({ type: "working", key: "working" });
}

function addQueue({ state, rows }: Layout, pending: PendingSend[]): void {
  for (const [id, { state: runState, queued }] of state.runs.value) {
    if (runState !== "queued" || !queued) continue;
    const isNext = !rows.some((row) => row.type === "pending");
    // Of a sub-agent's result that waits: whose it is, and how it ended.
    const isResult = queued.origin?.via === "subagent" && queued.text.startsWith("Sub-agent ");
    const text = isResult ? resultTitle(queued.text) : queued.text;
    rows.push({ type: "pending", key: `queued-${id}`, runId: id, isNext, ...queued, text });
  }
  for (const { id, text, carries = [] } of pending) rows.push({ type: "pending", key: `pending-${id}`, text, carries });
}

/** Of a sub-agent's result, whose it is and how it ended: by its title, since its key says nothing to people. */
export function resultTitle(text: string): string {
  const [first = ""] = text.split("\n\n", 1);
  return first.replace(/^(Sub-agent) \S+ \(("(?:[^"\\]|\\.)*")\)/, "$1 $2").replace(/ What it wrote is data.*/, "");
}

function addOutcome({ state, rows, lastRunId }: Layout, runId: string): void {
  const { outcome, finishedAt } = state.runs.value.get(runId) ?? {};
  if (!outcome || outcome.type === "done") return;
  rows.push({ type: "outcome", key: `outcome-${runId}`, outcome, runId, finishedAt, isLast: runId === lastRunId });
}

function toMessageRows(layout: Layout, message: ShownMessage): Row[] {
  const key = `message-${message.seq}`;
  switch (message.role) {
    case "user":
      return [{ type: "user", key, message }];
    case "system":
      return [{ type: "system", key, message }];
    case "tool":
      return [];
    case "assistant": {
      const calls = message.toolCalls.map((call) => toToolRow(layout, { ...call, runId: message.runId }));
      const speaks = message.text.trim() !== "" || (message.thinking ?? "") !== "";
      if (!speaks) return calls;
      const { keyOf, thinkingMsOf } = layout.state.reply;
      const answer: Row = {
        ...{ type: "assistant", key: keyOf(message.seq), message, thinkingMs: thinkingMsOf(message.seq) },
      };
      return [answer, ...cutRows(layout, message), ...calls];
    }
  }
}

/** An answer that was cut short says so by itself where its run is not known, which would say how it ended: in a fork, or long ago. */
function cutRows({ state }: Layout, { seq, runId, ended, cutBy }: ShownAs<"assistant">): Row[] {
  if (ended !== "stopped" || state.runs.value.has(runId)) return [];
  // What the fault was is told by the run alone.
  const outcome =
    cutBy === "fault"
      ? ({ type: "failed", error: { code: "internal", message: "" } } as const)
      : ({ type: cutBy === "time_limit" ? "timed_out" : "cancelled", reply: "" } as const);
  return [{ type: "outcome", key: `ended-${seq}`, outcome, runId, isLast: false }];
}

type Call = Pick<ToolRowCall, "id" | "name" | "input"> & { runId: string };

function toToolRow({ state, results, shownCalls }: Layout, { id, name, input, runId }: Call): Row {
  shownCalls.add(id);
  const told = {
    result: results.get(id),
    live: state.calls.value.get(id),
    approval: state.approvals.value.find(({ callId }) => callId === id),
  };
  const isRunOpen = state.runs.value.get(runId)?.state === "running";
  return { type: "tool", key: `call-${id}`, call: { id, name, input, state: toCallState(told, isRunOpen), ...told } };
}

function toCallState(
  { result, live, approval }: Pick<ToolRowCall, "result" | "live" | "approval">,
  isRunOpen: boolean,
): ToolRowCall["state"] {
  if (result) return result.notRun ?? (result.isError ? "failed" : "ok");
  if (approval) return "waiting";
  if (live?.durationMs !== undefined) return live.isError ? "failed" : "ok";
  return isRunOpen ? "running" : "interrupted";
}

function toNoticeRow(notice: { seq: number; text: string }): Row {
  return { type: "notice", key: `notice-${notice.seq}`, text: notice.text };
}

/** A run is under way and no row shows it yet. */
function isWorkingUnseen(state: TranscriptState, rows: Row[]): boolean {
  if (!state.isBusy.value) return false;
  return !rows.some((row) => row.type === "tool" && (row.call.state === "running" || row.call.state === "waiting"));
}
