import type { Origin } from "./message.ts";

export type Schedule =
  /** 5 fields, or 6 with seconds first; `tz` is an IANA zone, by default the machine's. */
  | { kind: "cron"; expr: string; tz?: string }
  /** Counts from `anchorMs` (since 1970), by default when the job got this schedule. */
  | { kind: "every"; everyMs: number; anchorMs?: number }
  /** ISO 8601. */
  | { kind: "at"; at: string };

export type Payload =
  | { kind: "systemEvent"; text: string }
  | { kind: "agentTurn"; message: string }
  /** Lets the agent look around; when it finds nothing worth saying, nothing is said and its session goes. */
  | { kind: "heartbeat"; instructions?: string };

/** What happens to slots that passed while nothing ran: one catch-up, or none. */
export interface Misfire {
  policy: "once" | "skip";
  /** A missed slot older than this is not caught up. */
  maxAgeSeconds?: number;
}

/** announce: into the main session's history, and to whoever watches. webhook: posted to `url`, signed. */
export interface Delivery {
  mode: "none" | "announce" | "webhook";
  /** Only "editor" so far, which is also what is meant without it. */
  channel?: string;
  to?: string;
  url?: string;
}

export type JobStatus = "ok" | "failed" | "skipped" | "missed" | "running";

/** A schedule with what to do at each of its slots. */
export interface Job {
  id: string;
  name: string;
  schedule: Schedule;
  payload: Payload;
  /** "main", "isolated" (a fresh session each time) or an existing session's key. */
  sessionTarget: string;
  enabled: boolean;
  misfire?: Misfire;
  timeoutSeconds?: number;
  model?: string;
  budgetUsd?: number;
  workspace?: string;
  delivery?: Delivery;
  /** Spreads firings over up to this much after the slot, and never past the next one. */
  jitterSeconds?: number;
  /** Declared in openclaw.yml: changed there, not over the API. */
  ownedByFile?: boolean;
  createdBy: Origin;
  createdAt: string;
  updatedAt: string;
  nextRunAt: string | null;
  lastRunAt: string | null;
  lastStatus: JobStatus | null;
  state: { consecutiveErrors: number; lastError?: string; retryAt?: string };
}

/** One firing of a job: unique by job and slot, so that no two gateways fire it. */
export interface SlotRecord {
  jobId: string;
  /** The time it was due, ISO 8601. */
  slot: string;
  status: JobStatus;
  /** Why it fired: its schedule, a catch-up, a retry, or by hand. */
  cause: "schedule" | "misfire" | "retry" | "manual";
  runId?: string;
  sessionKey?: string;
  error?: string;
  startedAt: string;
  finishedAt?: string;
  /** How many slots before this one passed while nothing ran; 1000 are counted. */
  missed?: number;
  /** What became of the result, where it goes somewhere. */
  delivery?: { status: "pending" | "delivered" | "failed"; error?: string };
}
