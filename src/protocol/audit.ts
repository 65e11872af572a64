import type { Origin } from "./message.ts";

/** One thing that was done, for the audit log. Without `content` it holds nothing that was written or read. */
export interface AuditEntry {
  /** gateway: what the audit log says of itself. */
  kind: "call" | "approval" | "tool" | "gateway";
  /** Null where nobody in particular did it. */
  who: Origin | null;
  /** The route, the tool, or the tool that was asked for. */
  what: string;
  /** "ok", "failed", a decision, or the code of an error. */
  outcome: string;
  /** HTTP status of a call. */
  status?: number;
  durationMs?: number;
  sessionKey?: string;
  runId?: string;
  /** The one that a call's answer carries. */
  requestId?: string;
  /** What went in and came out, secrets removed; only with `audit.content: true`. */
  content?: unknown;
}

/** As it stands in the log: numbered, dated, and chained to the line before by its hash. */
export type AuditRecord = AuditEntry & { seq: number; at: string; prev: string; hash: string };
