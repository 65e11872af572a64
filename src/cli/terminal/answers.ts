import type { Approval } from "../../protocol/approval.ts";
import type { Job, SlotRecord } from "../../protocol/job.ts";
import type { ModelInfo } from "../../protocol/model.ts";
import type { SessionKind, SessionState } from "../../protocol/session.ts";
import type { Usage } from "../../protocol/usage.ts";

// The parts of the gateway's answers that verbs show; --json prints them whole.

export interface SessionAnswer {
  key: string;
  kind: SessionKind;
  title: string | null;
  state: SessionState;
  model: string | null;
  updatedAt: string;
  messageCount: number;
}

export interface Reply {
  status: "ok" | "accepted";
  runId: string;
  sessionKey: string;
  /** Null when the wait ended first. */
  reply: string | null;
}

export interface StatusAnswer {
  sessionKey: string;
  kind: SessionKind;
  state: SessionState;
  model: string;
  workspace: string | null;
  createdAt: string;
  updatedAt: string;
  usage: Usage;
  context: { usedTokens: number; windowTokens: number | null; percent: number | null };
  runs: { total: number; active: number; queued: number; failed: number };
  subagents: SessionAnswer[];
}

export interface GatewayStatus {
  version: string;
  url: string;
  pid: number;
  startedAt: string;
  runs: { active: number; queued: number };
  approvals: number;
}

export interface MessageAnswer {
  role: "user" | "assistant" | "tool" | "system";
  text: string;
  name?: string;
  toolCalls?: { name: string }[];
  createdAt: string;
}

export interface ApprovalList {
  approvals: Approval[];
}

export interface JobList {
  jobs: Job[];
}

export interface SlotList {
  runs: SlotRecord[];
}

export interface ModelList {
  models: ModelInfo[];
  default: string | null;
}

export interface UsageAnswer {
  days: number;
  total: Usage & { requests: number };
  rows: {
    day: string;
    model: string;
    requests: number;
    inputTokens: number;
    outputTokens: number;
    cacheReadTokens: number;
    cacheWriteTokens: number;
    costUsd: number | null;
    unpriced: number;
  }[];
}
