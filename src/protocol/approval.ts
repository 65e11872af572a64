/** What an approval shows: the exact command, or the exact change. */
export type ApprovalSubject =
  | { type: "command"; command: string; cwd: string }
  | { type: "edit"; path: string; before: string; after: string }
  | { type: "other"; text: string };

/** A tool call that waits for the user's word. Answered by `approvals.answer`; unanswered it counts as denied. */
export interface Approval {
  id: string;
  sessionKey: string;
  runId: string;
  callId: string;
  tool: string;
  /** One line, control characters made visible. */
  summary: string;
  subject: ApprovalSubject;
  /** Why it is asked: "writes a file", "runs a command", "protected path". */
  reason: string;
  /** Binds the answer to exactly this call: a digest of the tool, its input and its folder. */
  hash: string;
  createdAt: string;
  expiresAt: string;
}

/** allow_session also lets later calls of the same scope in this session run. */
export type ApprovalDecision = "allow" | "allow_session" | "deny";
