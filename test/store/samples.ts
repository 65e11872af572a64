import type { Batch, IdempotencyRecord, UsageRow } from "../../src/core/ports/batch.ts";
import type { LeaseHolder } from "../../src/core/ports/store.ts";
import type { RunEvent, RunFact } from "../../src/protocol/event.ts";
import type { Job, SlotRecord } from "../../src/protocol/job.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { RunRecord } from "../../src/protocol/run.ts";
import type { StoredSession } from "../../src/core/ports/storedSession.ts";
import type { Usage } from "../../src/protocol/usage.ts";

// Values as the core makes them, each with what the test at hand cares about.

export const START = "2026-11-22T00:00:00.000Z";

const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };

/** ISO time `seconds` after START. */
export function timeAt(seconds: number): string {
  return new Date(Date.parse(START) + seconds * 1000).toISOString();
}

export function sessionOf(key: string, more: Partial<StoredSession> = {}): StoredSession {
  return {
    key,
    kind: key === "main" ? "main" : "isolated",
    state: "idle",
    usage: NO_USAGE,
    messageCount: 0,
    contextTokens: 0,
    createdAt: START,
    updatedAt: START,
    ...more,
  };
}

export function userText(text: string): Message {
  return { role: "user", text, origin: { via: "api" } };
}

export function assistantText(text: string): Message {
  return { role: "assistant", text, toolCalls: [], model: "fake/one" };
}

export function toolText(text: string): Message {
  return { role: "tool", callId: "call_1", name: "read", text, isError: false };
}

export function eventOf(sessionKey: string, id: number, seq: number, fact: RunFact, runId = "run_1"): RunEvent {
  return { ...fact, id, seq, runId, sessionKey, at: START };
}

export function messageOf(sessionKey: string, id: number, seq: number, message: Message, runId?: string): RunEvent {
  return eventOf(sessionKey, id, seq, { type: "message", message }, runId);
}

export function runOf(id: string, sessionKey: string, more: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    sessionKey,
    state: "queued",
    origin: { via: "api" },
    input: { role: "user", text: "hello", origin: { via: "api" } },
    model: "fake/one",
    usage: NO_USAGE,
    createdAt: START,
    ...more,
  };
}

export function jobOf(id: string, more: Partial<Job> = {}): Job {
  return {
    id,
    name: "Tidy up",
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "agentTurn", message: "tidy" },
    sessionTarget: "main",
    enabled: true,
    createdBy: { via: "api" },
    createdAt: START,
    updatedAt: START,
    nextRunAt: null,
    lastRunAt: null,
    lastStatus: null,
    state: { consecutiveErrors: 0 },
    ...more,
  };
}

export function slotOf(jobId: string, seconds: number, more: Partial<SlotRecord> = {}): SlotRecord {
  const slot = timeAt(seconds);
  return { jobId, slot, status: "running", cause: "schedule", startedAt: slot, ...more };
}

export function answerOf(key: string, more: Partial<IdempotencyRecord> = {}): IdempotencyRecord {
  return { key, digest: "d1", createdAt: START, ...more };
}

export function holderOf(nonce: string): LeaseHolder {
  return { owner: `VS Code ${nonce}`, pid: 4711, nonce, url: "" };
}

/** Whole values as a batch: sessions are put, or made what is given; runs are new; events give their facts. */
export function batchOf(
  given: { sessions?: StoredSession[]; events?: RunEvent[]; runs?: RunRecord[] } & Omit<
    Batch,
    "sessions" | "facts" | "submits" | "runs"
  >,
): Batch {
  const { sessions = [], events = [], runs = [], ...more } = given;
  return {
    ...more,
    sessions: sessions.flatMap(({ key, ...patch }) => [{ put: { key, ...patch } }, { key, patch }]),
    submits: runs.map((run) => ({ run })),
    facts: events.map(({ id: _id, part: _part, seq: _seq, at: _at, runId, sessionKey, ...fact }) => ({
      source: { runId, sessionKey },
      facts: [fact as RunFact],
    })),
  };
}

export function usageOf(day: string, sessionKey: string, more: Partial<UsageRow> = {}): UsageRow {
  return {
    day,
    sessionKey,
    model: "fake/one",
    requests: 1,
    inputTokens: 10,
    outputTokens: 5,
    cacheReadTokens: 3,
    cacheWriteTokens: 2,
    costUsd: 0.25,
    unpriced: 0,
    ...more,
  };
}
