import type { Attachment } from "../../src/protocol/message.ts";
import type { ContextRef } from "../../src/protocol/panel/contextRef.ts";
import type { ModelInfo } from "../../src/protocol/model.ts";
import type { Session } from "../../src/protocol/session.ts";
import type { Usage } from "../../src/protocol/usage.ts";
import type { PanelRoutes } from "../../webview-ui/state/panelRoutes.ts";

const NO_BUDGET = { usd: null, tokens: null };

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };

export function toSession(given: Partial<Session> & { key: string }, at: string): Session {
  return {
    kind: "isolated",
    title: null,
    state: "idle",
    model: null,
    parentKey: null,
    workspace: null,
    pinned: false,
    archived: false,
    usage: noUsage,
    messageCount: 0,
    contextTokens: 0,
    createdAt: at,
    updatedAt: at,
    ...given,
  };
}

export function toStatus(session: Session, model: string): PanelRoutes["session.status"]["output"] {
  const { key, kind, state, usage, contextTokens, createdAt, updatedAt } = session;
  const windowTokens = 200_000;
  return {
    sessionKey: key,
    title: session.title,
    lastError: null,
    effort: null,
    ...{ kind, state, usage, model, createdAt, updatedAt },
    budgetProblem: null,
    budgets: [],
    provider: model.split("/")[0]!,
    workspace: session.workspace ?? null,
    context: { usedTokens: contextTokens, windowTokens, percent: (contextTokens / windowTokens) * 100 },
    runs: { total: 0, active: 0, queued: 0, failed: 0 },
    subagents: [],
    instructions: [],
    mode: "ask",
    plan: null,
    skills: [],
    config: {
      maxSteps: 50,
      approvals: "ask",
      approvalTimeoutSeconds: 300,
      budgetUsd: null,
      budgetTokens: null,
      budgets: { session: NO_BUDGET, job: NO_BUDGET, day: NO_BUDGET },
      tools: { deny: [] },
      fallbacks: [],
    },
  };
}

export function model(id: string, more: Partial<ModelInfo> = {}): ModelInfo {
  return {
    id,
    provider: id.split("/")[0]!,
    name: id.split("/")[1]!,
    windowTokens: 200_000,
    ready: true,
    images: true,
    ...more,
  };
}

/** A chip for a file of the workspace /work, or for some of its lines. */
export function toFileRef(path: string, from?: number, to?: number): ContextRef {
  const label = from === undefined ? path : `${path}:${from}-${to}`;
  const lines = from === undefined ? {} : { from, to: to! };
  return { kind: "file", label, icon: "file", uri: `file:///work/${path}`, ...lines };
}

/** What the user picks. */
export const notes: Attachment = { name: "notes.md", mediaType: "text/markdown", data: "# Notes" };
