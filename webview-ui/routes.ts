import type { Approval, ApprovalDecision } from "../src/protocol/approval.ts";
import type { EditorMethods } from "../src/protocol/editor.ts";
import type { Attachment, StoredMessage } from "../src/protocol/message.ts";
import type { ModelInfo } from "../src/protocol/model.ts";
import type { RunRecord } from "../src/protocol/run.ts";
import type { Session, SessionKind, SessionState } from "../src/protocol/session.ts";
import type { Usage } from "../src/protocol/usage.ts";
import type { Client } from "../src/protocol/client.ts";

/** What the panel calls: these routes of the gateway, and the methods of the editor around it. */
export type PanelRoutes = EditorMethods & {
  "sessions.list": { input: { limit?: number }; output: { count: number; sessions: SessionEntry[] } };
  "sessions.history": {
    input: { sessionKey: string; limit?: number; includeTools?: boolean; before?: number };
    output: { sessionKey: string; messages: StoredMessage[]; hasMore: boolean; lastEventId: number };
  };
  "sessions.send": {
    input: { message: string; sessionKey: string; timeoutSeconds: number; attachments?: Attachment[] };
    output: { status: "ok" | "accepted"; runId: string; sessionKey: string };
  };
  "sessions.abort": { input: { sessionKey: string }; output: unknown };
  "sessions.create": { input: { title?: string }; output: { session: { key: string } } };
  "sessions.update": { input: { sessionKey: string; title?: string | null }; output: unknown };
  "session.status": { input: { sessionKey: string }; output: SessionFigures };
  "events.subscribe": { input: { sessionKey?: string; after?: number }; output: unknown };
  "approvals.list": { input: { sessionKey?: string }; output: { approvals: Approval[] } };
  "approvals.answer": { input: { id: string; decision: ApprovalDecision }; output: unknown };
  "runs.list": { input: { sessionKey?: string; limit?: number }; output: { runs: ListedRun[] } };
  "models.list": { input: Record<string, never>; output: { models: ModelInfo[] } };
};

export type Gateway = Client<PanelRoutes>;

/** A run as the list tells it. */
export type ListedRun = Pick<RunRecord, "id" | "state" | "outcome" | "origin"> & { input?: { text: string } };

/** A session as the list tells it. */
export type SessionEntry = Pick<Session, "key" | "kind" | "state" | "updatedAt"> & {
  title?: string | null;
  parentKey?: string | null;
};

/** What the footer shows of a session. */
export interface SessionFigures {
  sessionKey: string;
  kind: SessionKind;
  state: SessionState;
  model: string;
  usage: Usage;
  context: { usedTokens: number; windowTokens: number | null; percent: number | null };
}
