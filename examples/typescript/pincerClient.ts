// Written from the gateway's OpenAPI document by `npm run docs`; changes made here are lost.

export type Approval = {
  id: string;
  sessionKey: string;
  runId: string;
  callId: string;
  tool: string;
  summary: string;
  subject:
    | { type: "command"; command: string; cwd: string }
    | { type: "edit"; path: string; before: string; after: string }
    | { type: "other"; text: string };
  reason: string;
  hash: string;
  offers: Array<{
    decision: "allow" | "allow_session" | "allow_job" | "allow_always" | "deny";
    rule?: {
      allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
      deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
      command?: string;
      path?: string;
      host?: string;
      server?: string;
      tool?: string;
      channel?: string;
      to?: string;
      hash?: string;
      readOnly?: true;
    };
    words: string;
  }>;
  grants?: Array<{
    allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    command?: string;
    path?: string;
    host?: string;
    server?: string;
    tool?: string;
    channel?: string;
    to?: string;
    hash?: string;
    readOnly?: true;
  }>;
  grantFiles?: Record<string, string>;
  ungranted?: string;
  raises?: { record: string; usd?: number; tokens?: number };
  createdAt: string;
  expiresAt: string;
};
export type AssistantMessage = {
  role: "assistant";
  text: string;
  thinking?: string;
  toolCalls: Array<{ id: string; name: string; input: unknown }>;
  model: string;
  usage?: Usage;
  ended?: "stopped" | "length" | "refused";
  cutBy?: "time_limit" | "fault";
};
export type Attachment = { name: string; mediaType: string; data: string };
export type AuditRecord = {
  seq: number;
  at: string;
  kind: "call" | "approval" | "tool" | "hook" | "gateway";
  who: Origin | null;
  what: string;
  outcome: string;
  allowedBy?: string;
  status?: number;
  durationMs?: number;
  sessionKey?: string;
  runId?: string;
  requestId?: string;
  content?: unknown;
  prev: string;
  hash: string;
};
export type BrowserAnswer = {
  status: "ok";
  sessionKey: string;
  action:
    | "status"
    | "start"
    | "stop"
    | "clear"
    | "tabs"
    | "open"
    | "focus"
    | "close"
    | "navigate"
    | "back"
    | "forward"
    | "reload"
    | "snapshot"
    | "act"
    | "screenshot"
    | "pdf"
    | "console"
    | "network"
    | "downloads"
    | "upload"
    | "dialog"
    | "emulate";
  notices?: Array<string>;
  running?: { headless: boolean; executable: string; sessions: number; tabs: number } | null;
  tab?: { id: string; url: string; title: string; focused: boolean };
  tabs?: Array<{ id: string; url: string; title: string; focused: boolean }>;
  snapshot?: { text: string; offset: number; totalChars: number; nextOffset?: number };
  changes?: {
    url?: string;
    title?: string;
    openedTabs?: Array<{ id: string; url: string; title: string; focused: boolean }>;
    downloads?: Array<{ name: string; path: string; bytes: number }>;
    lines?: Array<string>;
    moreLines?: number;
  };
  dialog?: { type: string; message: string; defaultText?: string };
  value?: string;
  console?: Array<{ type: string; text: string; from: string }>;
  network?: Array<{ method: string; url: string; problem: string }>;
  downloads?: Array<{ name: string; path: string; bytes: number }>;
  image?: { mediaType: string; data: string; width: number; height: number };
  file?: { name: string; path: string; bytes: number; mediaType: string; data: string };
};
export type Error = {
  error: {
    code:
      | "bad_request"
      | "unauthorized"
      | "budget_exhausted"
      | "forbidden"
      | "not_found"
      | "method_not_allowed"
      | "conflict"
      | "invalid_result"
      | "payload_too_large"
      | "unsupported_media_type"
      | "rate_limited"
      | "internal"
      | "provider_error"
      | "unavailable"
      | "timed_out";
    message: string;
    details?: Array<{ path: string; message: string }>;
    retryAfterMs?: number;
    reply?: string;
    requestId?: string;
  };
};
export type Job = {
  id: string;
  name: string;
  schedule:
    | { kind: "cron"; expr: string; tz?: string }
    | { kind: "every"; everyMs: number; anchorMs?: number }
    | { kind: "at"; at: string }
    | { kind: "file"; glob: string; debounceMs?: number }
    | { kind: "exit"; command: string }
    | { kind: "after"; jobId: string; on: "ok" | "failed" };
  payload:
    | { kind: "systemEvent"; text: string }
    | { kind: "agentTurn"; message: string }
    | { kind: "heartbeat"; instructions?: string };
  sessionTarget: string;
  enabled: boolean;
  misfire?: { policy: "once" | "skip"; maxAgeSeconds?: number };
  timeoutSeconds?: number;
  model?: string;
  budgetUsd?: number;
  budgetTokens?: number;
  condition?: { command: string; timeoutSeconds?: number };
  workspace?: string;
  grants?: Array<{
    allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    command?: string;
    path?: string;
    host?: string;
    server?: string;
    tool?: string;
    channel?: string;
    to?: string;
    hash?: string;
    readOnly?: true;
  }>;
  outputSchema?: Record<string, unknown>;
  delivery?: {
    mode: "none" | "announce" | "webhook";
    channel?: string;
    to?: string;
    url?: string;
    content?: "reply" | "report";
  };
  jitterSeconds?: number;
  ownedByFile?: boolean;
  file?: string;
  grantedFor?: Record<string, string>;
  grantsVoid?: Array<string>;
  mayDo?: string;
  notes?: Array<string>;
  seen?: string;
  rehearsal?: {
    runId: string;
    sessionKey: string;
    startedAt: string;
    finishedAt?: string;
    delivery?: {
      status: "pending" | "queued" | "delivered" | "in doubt" | "refused" | "failed";
      error?: string;
      channel?: string;
    };
  };
  createdBy: Origin;
  deliveryBy?: Origin;
  createdAt: string;
  updatedAt: string;
  nextRunAt: string | null;
  nextRunZone?: string;
  lastRunAt: string | null;
  lastStatus: "ok" | "failed" | "skipped" | "missed" | "running" | null;
  state: { consecutiveErrors: number; lastError?: string; retryAt?: string; inDoubt?: string; lookFault?: string };
};
export type Message = {
  seq: number;
  role: "user" | "assistant" | "tool" | "system";
  text: string;
  origin?: Origin;
  attachments?: Array<Attachment>;
  prompt?: { name: string; text: string; kind: "prompt" | "skill" };
  plan?: string;
  toolCalls?: Array<{ id: string; name: string; input: unknown }>;
  thinking?: string;
  model?: string;
  ended?: "stopped" | "length" | "refused";
  cutBy?: "time_limit" | "fault";
  callId?: string;
  name?: string;
  isError?: boolean;
  notRun?: "denied" | "stopped";
  allowedBy?: string;
  lacked?: string;
  images?: Array<Attachment>;
  durationMs?: number;
  kind?: "event" | "summary" | "instructions" | "skill" | "plan";
  place?: string;
  runId: string;
  createdAt: string;
  usage?: Usage;
};
export type Model = {
  id: string;
  provider: string;
  name: string;
  windowTokens?: number;
  maxOutputTokens?: number;
  images?: boolean;
  thinking?: boolean;
  price?: {
    inputPerMTok: number;
    outputPerMTok: number;
    cacheReadPerMTok?: number;
    cacheWritePerMTok?: number;
    longPrompt?: {
      aboveTokens: number;
      inputPerMTok: number;
      outputPerMTok: number;
      cacheReadPerMTok?: number;
      cacheWritePerMTok?: number;
    };
  };
  ready: boolean;
  at?: string;
  reason?: string;
};
export type Origin = {
  via:
    | "api"
    | "panel"
    | "palette"
    | "cli"
    | "cron"
    | "subagent"
    | "openai"
    | "mcp"
    | "telegram"
    | "discord"
    | "webhook"
    | "phone";
  id?: string;
  rehearsal?: true;
};
export type Outcome =
  | {
      type: "done";
      reply: string;
      result?: unknown;
      calls?: Array<{ id: string; name: string; input: unknown }>;
      joined?: string;
    }
  | { type: "cancelled"; reply: string }
  | { type: "timed_out"; reply: string }
  | { type: "interrupted"; reply: string }
  | {
      type: "failed";
      error: {
        code:
          | "bad_request"
          | "unauthorized"
          | "budget_exhausted"
          | "forbidden"
          | "not_found"
          | "method_not_allowed"
          | "conflict"
          | "invalid_result"
          | "payload_too_large"
          | "unsupported_media_type"
          | "rate_limited"
          | "internal"
          | "provider_error"
          | "unavailable"
          | "timed_out";
        message: string;
        details?: Array<{ path: string; message: string }>;
        retryAfterMs?: number;
        reply?: string;
        requestId?: string;
      };
    };
export type Run = {
  runId: string;
  sessionKey: string;
  state: "queued" | "running" | "finished";
  origin: Origin;
  queued?: string;
  carries?: Array<string>;
  plan?: true;
  model: string;
  outcome: Outcome | null;
  usage: Usage;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
};
export type Session = {
  key: string;
  kind: "main" | "isolated" | "channel";
  title: string | null;
  state: "idle" | "queued" | "running" | "waiting" | "failed";
  model: string | null;
  parentKey: string | null;
  workspace: string | null;
  pinned: boolean;
  archived: boolean;
  createdAt: string;
  updatedAt: string;
  messageCount: number;
  contextTokens: number;
  usage: Usage;
};
export type Slot = {
  jobId: string;
  slot: string;
  status: "ok" | "failed" | "skipped" | "missed" | "running";
  cause: "schedule" | "misfire" | "retry" | "manual" | "webhook" | "file" | "exit" | "after";
  started?: string;
  inDoubt?: true;
  runId?: string;
  sessionKey?: string;
  error?: string;
  result?: unknown;
  lacked?: Array<string>;
  grantsVoid?: string;
  retryAt?: string;
  startedAt: string;
  finishedAt?: string;
  missed?: number;
  reminded?: true;
  delivery?: {
    status: "pending" | "queued" | "delivered" | "in doubt" | "refused" | "failed";
    error?: string;
    channel?: string;
  };
};
export type SystemMessage = {
  role: "system";
  text: string;
  kind: "event" | "summary" | "instructions" | "skill" | "plan";
  place?: string;
  origin?: Origin;
  keepFromSeq?: number;
};
export type ToolMessage = {
  role: "tool";
  callId: string;
  name: string;
  text: string;
  isError: boolean;
  notRun?: "denied" | "stopped";
  allowedBy?: string;
  lacked?: string;
  images?: Array<Attachment>;
  durationMs?: number;
};
export type Usage = {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costUsd: number | null;
  knownUsd?: number;
  estimated?: boolean;
};
export type UserMessage = {
  role: "user";
  text: string;
  attachments?: Array<Attachment>;
  prompt?: { name: string; text: string; kind: "prompt" | "skill" };
  plan?: string;
  origin: Origin;
};
export type RunQueuedEvent = {
  type: "run.queued";
  text: string;
  carries?: Array<string>;
  origin: Origin;
  plan?: true;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type RunStartedEvent = {
  type: "run.started";
  model: string;
  origin: Origin;
  plan?: true;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type RunResumedEvent = {
  type: "run.resumed";
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type RunNoticeEvent = {
  type: "run.notice";
  text: string;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type TextDeltaEvent = {
  type: "text.delta";
  text: string;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type ThinkingDeltaEvent = {
  type: "thinking.delta";
  text: string;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type ToolStartedEvent = {
  type: "tool.started";
  callId: string;
  name: string;
  input: unknown;
  allowedBy?: string;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type ToolProgressEvent = {
  type: "tool.progress";
  callId: string;
  text: string;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type ToolFinishedEvent = {
  type: "tool.finished";
  callId: string;
  name: string;
  isError: boolean;
  durationMs: number;
  origin?: Origin;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type HookFinishedEvent = {
  moment: "beforeTool" | "afterTool" | "runFinished" | "messageReceived";
  hook: string;
  outcome: "ok" | "denied" | "failed";
  reason?: string;
  durationMs: number;
  type: "hook.finished";
  callId: string;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type ApprovalAskedEvent = {
  type: "approval.asked";
  approval: Approval;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type ApprovalAnsweredEvent = {
  type: "approval.answered";
  approvalId: string;
  callId: string;
  tool?: string;
  raised?: string;
  decision: "allow" | "allow_session" | "allow_job" | "allow_always" | "deny";
  by: string;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type MessageEvent = {
  type: "message";
  message: UserMessage | AssistantMessage | ToolMessage | SystemMessage;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type UsageEvent = {
  type: "usage";
  usage: Usage;
  contextTokens?: number;
  model?: string;
  countedUsd?: number;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type RunFinishedEvent = {
  type: "run.finished";
  outcome: Outcome;
  id: number;
  part?: number;
  at: string;
  seq: number;
  runId: string;
  sessionKey: string;
};
export type SessionChangedEvent = { type: "session.changed"; session: Session; id: number; part?: number; at: string };
export type SessionDeletedEvent = {
  type: "session.deleted";
  sessionKey: string;
  id: number;
  part?: number;
  at: string;
};
export type JobChangedEvent = { type: "job.changed"; job: Job; id: number; part?: number; at: string };
export type JobDeletedEvent = { type: "job.deleted"; jobId: string; id: number; part?: number; at: string };
export type JobAnnouncedEvent = {
  type: "job.announced";
  jobId: string;
  name: string;
  status: "ok" | "failed";
  text: string;
  sessionKey?: string;
  id: number;
  part?: number;
  at: string;
};
export type BudgetWarnedEvent = {
  type: "budget.warned";
  budget: string;
  percent: number;
  text: string;
  by: string;
  sessionKey: string;
  id: number;
  part?: number;
  at: string;
};
export type McpChangedEvent = {
  type: "mcp.changed";
  server: {
    name: string;
    state: "off" | "idle" | "starting" | "ready" | "failed" | "sign_in";
    kind: "stdio" | "http";
    target: string;
    error: string | null;
    retryAt: string | null;
    pid: number | null;
    version: string | null;
    protocol: string | null;
    startedAt: string | null;
    tools: Array<{ name: string; title: string; description: string; readOnly: boolean }>;
  };
  id: number;
  part?: number;
  at: string;
};
export type ChannelChangedEvent = { type: "channel.changed"; channel: string; id: number; part?: number; at: string };
export type CommandEndedEvent = {
  type: "command.ended";
  command: string;
  sessionKey: string;
  by: string;
  workspace: string;
  exitCode: number | null;
  id: number;
  part?: number;
  at: string;
};
export type HookEndedEvent = {
  moment: "beforeTool" | "afterTool" | "runFinished" | "messageReceived";
  hook: string;
  outcome: "ok" | "denied" | "failed";
  reason?: string;
  durationMs: number;
  type: "hook.ended";
  sessionKey: string;
  by: string;
  id: number;
  part?: number;
  at: string;
};
export type McpAskedEvent = {
  type: "mcp.asked";
  question: {
    id: string;
    server: string;
    message: string;
    fields: Array<{
      name: string;
      kind: "text" | "number" | "boolean" | "choice" | "choices";
      title: string;
      description?: string;
      required: boolean;
      options?: Array<{ value: string; title: string }>;
      format?: "email" | "uri" | "date" | "date-time";
      whole?: true;
      min?: number;
      max?: number;
      default?: unknown;
    }>;
    page?: { address: string; host: string };
    calls?: Array<{ sessionKey: string; tool: string }>;
    createdAt: string;
    expiresAt: string;
  };
  id: number;
  part?: number;
  at: string;
};
export type McpAnsweredEvent = {
  type: "mcp.answered";
  questionId: string;
  action: "accept" | "decline" | "cancel";
  id: number;
  part?: number;
  at: string;
};
export type BrowserLeftEvent = {
  type: "browser.left";
  sessionKey?: string;
  wiped: boolean;
  by: string;
  id: number;
  part?: number;
  at: string;
};
export type GatewayChangedEvent = { type: "gateway.changed"; reason: string; id: number; part?: number; at: string };
export type RunEvent =
  | RunQueuedEvent
  | RunStartedEvent
  | RunResumedEvent
  | RunNoticeEvent
  | TextDeltaEvent
  | ThinkingDeltaEvent
  | ToolStartedEvent
  | ToolProgressEvent
  | ToolFinishedEvent
  | HookFinishedEvent
  | ApprovalAskedEvent
  | ApprovalAnsweredEvent
  | MessageEvent
  | UsageEvent
  | RunFinishedEvent;
export type GatewayEvent =
  | RunQueuedEvent
  | RunStartedEvent
  | RunResumedEvent
  | RunNoticeEvent
  | TextDeltaEvent
  | ThinkingDeltaEvent
  | ToolStartedEvent
  | ToolProgressEvent
  | ToolFinishedEvent
  | HookFinishedEvent
  | ApprovalAskedEvent
  | ApprovalAnsweredEvent
  | MessageEvent
  | UsageEvent
  | RunFinishedEvent
  | SessionChangedEvent
  | SessionDeletedEvent
  | JobChangedEvent
  | JobDeletedEvent
  | JobAnnouncedEvent
  | BudgetWarnedEvent
  | McpChangedEvent
  | ChannelChangedEvent
  | CommandEndedEvent
  | HookEndedEvent
  | McpAskedEvent
  | McpAnsweredEvent
  | BrowserLeftEvent
  | GatewayChangedEvent;
export type JobPatch = {
  name?: string;
  schedule?:
    | { kind: "cron"; expr: string; tz?: string }
    | { kind: "every"; everyMs: number; anchorMs?: number }
    | { kind: "at"; at: string }
    | { kind: "file"; glob: string; debounceMs?: number }
    | { kind: "exit"; command: string }
    | { kind: "after"; jobId: string; on: "ok" | "failed" };
  payload?:
    | { kind: "systemEvent"; text: string }
    | { kind: "agentTurn"; message: string }
    | { kind: "heartbeat"; instructions?: string };
  sessionTarget?: string;
  enabled?: boolean;
  misfire?: "once" | "skip" | { policy: "once" | "skip"; maxAgeSeconds?: number } | null;
  timeoutSeconds?: number | null;
  model?: string | null;
  budgetUsd?: number | null;
  budgetTokens?: number | null;
  condition?: { command: string; timeoutSeconds?: number } | null;
  workspace?: string | null;
  grants?: Array<{
    allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    command?: string;
    path?: string;
    host?: string;
    server?: string;
    tool?: string;
    channel?: string;
    to?: string;
    hash?: string;
    readOnly?: true;
  }> | null;
  outputSchema?: Record<string, unknown> | null;
  delivery?: {
    mode: "none" | "announce" | "webhook";
    channel?: string;
    to?: string;
    url?: string;
    content?: "reply" | "report";
  } | null;
  jitterSeconds?: number | null;
};
export type NewJob = {
  name: string;
  schedule:
    | { kind: "cron"; expr: string; tz?: string }
    | { kind: "every"; everyMs: number; anchorMs?: number }
    | { kind: "at"; at: string }
    | { kind: "file"; glob: string; debounceMs?: number }
    | { kind: "exit"; command: string }
    | { kind: "after"; jobId: string; on: "ok" | "failed" };
  payload:
    | { kind: "systemEvent"; text: string }
    | { kind: "agentTurn"; message: string }
    | { kind: "heartbeat"; instructions?: string };
  sessionTarget: string;
  enabled?: boolean;
  misfire?: "once" | "skip" | { policy: "once" | "skip"; maxAgeSeconds?: number };
  timeoutSeconds?: number;
  model?: string;
  budgetUsd?: number;
  budgetTokens?: number;
  condition?: { command: string; timeoutSeconds?: number };
  workspace?: string;
  grants?: Array<{
    allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
    command?: string;
    path?: string;
    host?: string;
    server?: string;
    tool?: string;
    channel?: string;
    to?: string;
    hash?: string;
    readOnly?: true;
  }>;
  outputSchema?: Record<string, unknown>;
  delivery?: {
    mode: "none" | "announce" | "webhook";
    channel?: string;
    to?: string;
    url?: string;
    content?: "reply" | "report";
  };
  jitterSeconds?: number;
};

export interface Routes {
  /** A person's word that a workspace's agent may be used as its file says now. 409 when that has changed. */
  "POST /api/agents/confirm": {
    input: { name: string; hash: string; workspace?: string };
    output: { name: string; confirmed: true };
  };
  /** The agents that files describe, by name: those of the state folder, and a workspace's. */
  "GET /api/agents/list": {
    input: { workspace?: string };
    output: {
      count: number;
      agents: Array<{
        name: string;
        description: string;
        from: "user" | "workspace";
        path: string;
        hash: string;
        confirmed: boolean;
        instructions: string;
        tools?: Array<string>;
        model?: string;
        effort?: "low" | "medium" | "high";
        budgetUsd?: number;
        budgetTokens?: number;
        ignored: Array<string>;
        problem?: string;
      }>;
    };
  };
  /** Lets a waiting tool call run, or not. The answer is one of the approval's offers; `rule` picks between several of a decision. */
  "POST /api/approvals/answer": {
    input: {
      id: string;
      decision: "allow" | "allow_session" | "allow_job" | "allow_always" | "deny";
      rule?: {
        allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        command?: string;
        path?: string;
        host?: string;
        server?: string;
        tool?: string;
        channel?: string;
        to?: string;
        hash?: string;
        readOnly?: true;
      };
    };
    output: {
      id: string;
      decision: "allow" | "allow_session" | "allow_job" | "allow_always" | "deny";
      approval: Approval;
    };
  };
  /** Tool calls that wait for the user's word. */
  "GET /api/approvals/list": {
    input: { sessionKey?: string };
    output: { count: number; approvals: Array<Approval> };
  };
  /** Sets how calls are decided in the runs that the caller starts in a session; null: as configured. `auto` needs a sandbox for commands. What is protected asks in every mode; what others start there goes by the configuration. */
  "POST /api/approvals/mode": {
    input: { sessionKey: string; mode: "ask" | "auto-safe" | "auto" | "plan" | null };
    output: { sessionKey: string; mode: "ask" | "auto-safe" | "auto" | "plan" | null };
  };
  /** What was done and by whom, newest first: calls, tool runs and answers to approvals. */
  "GET /api/audit/list": {
    input: { limit?: number; before?: number; kind?: "call" | "approval" | "tool" | "hook" | "gateway" };
    output: { count: number; records: Array<AuditRecord>; hasMore: boolean };
  };
  /** Drives a real browser for a session, in tabs and with cookies of its own. Each action reads its own fields; docs/browser.md shows them. */
  "POST /api/browser": {
    input: {
      action:
        | "status"
        | "start"
        | "stop"
        | "clear"
        | "tabs"
        | "open"
        | "focus"
        | "close"
        | "navigate"
        | "back"
        | "forward"
        | "reload"
        | "snapshot"
        | "act"
        | "screenshot"
        | "pdf"
        | "console"
        | "network"
        | "downloads"
        | "upload"
        | "dialog"
        | "emulate";
      targetId?: string;
      url?: string;
      kind?: "click" | "type" | "fill" | "press" | "select" | "hover" | "drag" | "wait" | "evaluate";
      ref?: string;
      role?: string;
      name?: string;
      endRef?: string;
      text?: string;
      textGone?: string;
      key?: string;
      values?: Array<string>;
      fields?: Array<{ ref: string; value: string | boolean }>;
      submit?: boolean;
      button?: "left" | "right" | "middle";
      doubleClick?: boolean;
      modifiers?: Array<"Alt" | "Control" | "ControlOrMeta" | "Meta" | "Shift">;
      script?: string;
      state?: "load" | "idle" | "visible" | "hidden";
      timeMs?: number;
      timeoutMs?: number;
      offset?: number;
      fullPage?: boolean;
      accept?: boolean;
      paths?: Array<string>;
      device?: string;
      width?: number;
      height?: number;
      headless?: boolean;
      all?: boolean;
      sessionKey?: string;
    };
    output: BrowserAnswer;
  };
  /** The files that a run with its sub-agents has changed, with their texts before it and now. Of files that may hold secrets, or that a rule denies to be read, only scope admin is told the texts. */
  "GET /api/changes/get": {
    input: { runId: string; path?: string };
    output: {
      runId: string;
      files: Array<{
        path: string;
        kind: "added" | "changed" | "deleted" | "unchanged";
        state: "as_left" | "as_before" | "changed_since" | "not_kept";
        by?: "command";
        before?: string | null;
        now?: string | null;
        hunks: Array<{
          id: string;
          beforeStart: number;
          beforeLines: number;
          nowStart: number;
          nowLines: number;
          kept: boolean;
        }>;
      }>;
    };
  };
  /** Notes that a file's hunks were looked through and are kept: they are `kept` from then on. Undo puts them back all the same. */
  "POST /api/changes/keep": {
    input: { runId: string; path: string; hunks?: Array<string> };
    output: { runId: string; path: string; left: number };
  };
  /** Makes one file, or some hunks of it, what they were before a run. 404 when the run has not changed it. What somebody else has changed since stays, unless `force`. */
  "POST /api/changes/revert": {
    input: { runId: string; path: string; hunks?: Array<string>; force?: boolean };
    output: { runId: string; restored: Array<string>; kept: Array<{ path: string; why: string }>; undo: string | null };
  };
  /** The chat networks that are set up, how each is, who may talk there, and who waits to be paired. */
  "GET /api/channels/list": {
    input: Record<never, never>;
    output: {
      count: number;
      channels: Array<{
        id: string;
        state: "off" | "starting" | "connected" | "waiting" | "failed" | "muted";
        account: string | null;
        error: string | null;
        retryAt: string | null;
        webhook: { url: string; pending: number; lastError: string | null; lastErrorAt: string | null } | null;
        people: Array<{ id: string; name: string | null; by: "allow" | "pairing" }>;
        pending: Array<{ id: string; name: string; expiresAt: string }>;
        waiting: number;
        inDoubt: number;
        refused: number;
        refusal: string | null;
      }>;
    };
  };
  /** While a channel is muted nothing is taken from it and nothing is sent there; what waits is dealt with after. */
  "POST /api/channels/mute": {
    input: { channel: string; muted?: boolean };
    output: { channel: string; muted: boolean };
  };
  /** Lets the person talk, in a private chat, who was shown this code there. 404 for one that is wrong or over; five wrong ones make all void. */
  "POST /api/channels/pair": {
    input: { channel: string; code: string };
    output: { channel: string; person: { id: string; name: string | null; by: "allow" | "pairing" } };
  };
  /** Takes back what a code gave a person, or refuses one who waits: the code is void. 409 for who stands in openclaw.yml. */
  "POST /api/channels/remove": {
    input: { channel: string; person: string };
    output: { channel: string; person: string };
  };
  /** Ends a channel and runs it anew, at once; with what was stored for it meanwhile, as a new token. */
  "POST /api/channels/restart": {
    input: { channel: string; deleteWebhook?: boolean };
    output: { channel: string; restarted: true };
  };
  /** Sends a text, and files behind it, to a chat of somebody who may talk. All is stored, and sent as soon as the network takes it; 403 for any other chat, and for a file that may hold secrets. */
  "POST /api/channels/send": {
    input: { channel: string; to?: string; text?: string; files?: Array<string> };
    output: { channel: string; key: string };
  };
  /** Runs of a session that have changed files or run commands, newest first: points to go back to. */
  "GET /api/checkpoints/list": {
    input: { sessionKey?: string };
    output: {
      count: number;
      checkpoints: Array<{
        runId: string;
        beforeSeq: number;
        text: string;
        createdAt: string;
        files: Array<{
          path: string;
          kind: "added" | "changed" | "deleted" | "unchanged";
          state: "as_left" | "as_before" | "changed_since" | "not_kept";
          by?: "command";
        }>;
        commands: Array<string>;
        unseen: Array<string>;
      }>;
    };
  };
  /** Makes files what they were before a message, its run's sub-agents included. What somebody else has changed since stays, unless `force`. 409 while the session is at work. */
  "POST /api/checkpoints/restore": {
    input: {
      sessionKey?: string;
      beforeSeq?: number;
      undo?: string;
      files?: boolean;
      messages?: boolean;
      force?: boolean;
      dryRun?: boolean;
    };
    output: {
      restored: Array<string>;
      kept: Array<{ path: string; why: string }>;
      undo: string | null;
      removed: Array<string>;
      commands: Array<string>;
      unseen: Array<string>;
      sessionKey: string | null;
      atWork: string | null;
    };
  };
  /** The configuration in force, with every default filled in and every secret removed. */
  "GET /api/config/get": {
    input: Record<never, never>;
    output: { config: Record<string, unknown> };
  };
  /** Adds a job. The job's fields may also stand without the `job` around them. */
  "POST /api/cron/add": {
    input: { job: NewJob };
    output: { job: Job };
  };
  /** One job, with its schedule in words and when it fires next. */
  "GET /api/cron/get": {
    input: { id: string };
    output: { job: Job; words: string; next: Array<string> };
  };
  /** Gives a job exactly these of what its rehearsal asked, by their numbers, beside what it had before. */
  "POST /api/cron/grant": {
    input: { id: string; runId: string; take: Array<number> };
    output: { job: Job };
  };
  /** All jobs. */
  "GET /api/cron/list": {
    input: Record<never, never>;
    output: { count: number; jobs: Array<Job> };
  };
  /** When jobs fire next: one of them, or all together. */
  "GET /api/cron/next": {
    input: { id?: string; count?: number };
    output: {
      firings: Array<{ jobId: string; name: string; slot: string; at: string; cause: "schedule" | "retry" }>;
      waiting: Array<{
        jobId: string;
        name: string;
        schedule:
          | { kind: "cron"; expr: string; tz?: string }
          | { kind: "every"; everyMs: number; anchorMs?: number }
          | { kind: "at"; at: string }
          | { kind: "file"; glob: string; debounceMs?: number }
          | { kind: "exit"; command: string }
          | { kind: "after"; jobId: string; on: "ok" | "failed" };
      }>;
    };
  };
  /** What a rehearsal asked, what it was answered, and what could be granted: a job's newest, or that of a run. */
  "GET /api/cron/rehearsal": {
    input: { id?: string; runId?: string };
    output: {
      jobId: string;
      name: string | null;
      runId: string;
      sessionKey: string;
      state: "queued" | "running" | "finished";
      startedAt: string | null;
      finishedAt: string | null;
      outcome: Outcome | null;
      notes: Array<string>;
      asked: Array<{
        number: number;
        tool: string;
        exact: string;
        cwd?: string;
        reason: string;
        times: number;
        decision: "allow" | "allow_session" | "allow_job" | "allow_always" | "deny" | null;
        by: string | null;
        grants: Array<{
          allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
          deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
          command?: string;
          path?: string;
          host?: string;
          server?: string;
          tool?: string;
          channel?: string;
          to?: string;
          hash?: string;
          readOnly?: true;
        }>;
        words: string;
        granted: boolean;
      }>;
      mayDo: string | null;
      condition?: { command: string; unmet: string | null };
      delivery?: {
        mode: "none" | "announce" | "webhook";
        url?: string;
        channel?: string;
        to?: string;
        text: string;
        status: "not sent" | "pending" | "queued" | "delivered" | "in doubt" | "refused" | "failed";
        error?: string;
        why?: string;
        retryAt?: string;
        givenUpAt?: string;
      };
      yaml?: string;
      file?: string;
    };
  };
  /** Runs a job now with a person to ask, which is no firing: cron.rehearsal tells what it asked, cron.grant gives what is to be allowed. */
  "POST /api/cron/rehearse": {
    input: { id: string; deliver?: boolean };
    output: { id: string; runId: string; sessionKey: string };
  };
  /** Removes a job. A run it has started goes on, without its grants. */
  "POST /api/cron/remove": {
    input: { id: string };
    output: { id: string; removed: true };
  };
  /** Fires a job now, without moving its next slot. */
  "POST /api/cron/run": {
    input: { id: string };
    output: { id: string; runId: string | null; sessionKey: string | null; run: Slot };
  };
  /** Past firings of one job or of all, newest first: how each ended, what it took and cost, and the end of its reply. */
  "GET /api/cron/runs": {
    input: { id?: string; limit?: number };
    output: {
      count: number;
      runs: Array<{
        jobId: string;
        slot: string;
        status: "ok" | "failed" | "skipped" | "missed" | "running";
        cause: "schedule" | "misfire" | "retry" | "manual" | "webhook" | "file" | "exit" | "after";
        started?: string;
        inDoubt?: true;
        runId?: string;
        sessionKey?: string;
        error?: string;
        result?: unknown;
        lacked?: Array<string>;
        grantsVoid?: string;
        retryAt?: string;
        startedAt: string;
        finishedAt?: string;
        missed?: number;
        reminded?: true;
        delivery?: {
          status: "pending" | "queued" | "delivered" | "in doubt" | "refused" | "failed";
          error?: string;
          channel?: string;
          why?: string;
          retryAt?: string;
          givenUpAt?: string;
        };
        durationMs?: number;
        model?: string;
        usage?: Usage;
        lastLines?: string;
      }>;
    };
  };
  /** Changes the given fields of a job. */
  "POST /api/cron/update": {
    input: { id: string; patch: JobPatch };
    output: { job: Job };
  };
  /** Puts a system event into the main session and wakes it. */
  "POST /api/cron/wake": {
    input: { text: string };
    output: { status: "ok"; runId: string; sessionKey: string };
  };
  /** A page of an export (docs/moving.md): sessions with their messages, or the jobs. No secrets are in it. */
  "GET /api/export/read": {
    input: { part?: "sessions" | "jobs"; cursor?: string };
    output: { lines: Array<string>; leftOut: number; nextCursor?: string };
  };
  /** What serves: version, address, since when, and how many runs and connections there are. */
  "GET /api/gateway/status": {
    input: Record<never, never>;
    output: {
      status: "ok";
      version: string;
      url: string;
      pid: number;
      startedAt: string;
      uptimeSeconds: number;
      connections: number;
      runs: { active: number; queued: number };
      approvals: number;
      sandbox: {
        mode: "auto" | "required" | "off";
        holds: boolean;
        kind?: "bubblewrap" | "sandbox-exec";
        reason?: string;
      };
      store: { bytes: number; freeBytes: number; checkedAt?: string; problem?: string };
      lastEventId: number;
    };
  };
  /** Replaces a token. The old one is dead at once, and what it holds open is closed within a second. */
  "POST /api/gateway/token/rotate": {
    input: { name?: string };
    output: { token: string };
  };
  /** The webhooks of the configuration, without their secrets. */
  "GET /api/hooks/list": {
    input: Record<never, never>;
    output: {
      count: number;
      hooks: Array<{
        name: string;
        path: string;
        proof: "token" | "github" | "stripe";
        header: string;
        does: "agent" | "wake" | "message" | "event" | "job";
        target: string;
        paths: Array<string>;
      }>;
    };
  };
  /** What a webhook makes of a payload; with `send`, it does it, as if that had been delivered. */
  "POST /api/hooks/test": {
    input: { name: string; payload?: unknown; send?: boolean };
    output: {
      hook: {
        name: string;
        path: string;
        proof: "token" | "github" | "stripe";
        header: string;
        does: "agent" | "wake" | "message" | "event" | "job";
        target: string;
        paths: Array<string>;
      };
      text: string | null;
      missing: Array<string>;
      delivery: {
        ok: true;
        status: "accepted" | "skipped" | "failed";
        runId: string | null;
        sessionKey: string | null;
        jobId?: string;
        slot?: string;
        reason?: string;
        mode?: "now" | "next-heartbeat";
      } | null;
    };
  };
  /** Takes lines of an export in (docs/moving.md). Those that are here already are left: twice is once. Jobs come off and without grants, unless the call says otherwise. */
  "POST /api/import/write": {
    input: { lines: Array<string>; dryRun?: boolean; enable?: boolean; grants?: boolean; keepFolders?: boolean };
    output: {
      dryRun: boolean;
      sessions: Array<{
        key: string;
        to: string;
        state: "made" | "grown" | "there" | "kept";
        messages: number;
        leftFolder?: string;
      }>;
      jobs: Array<{
        id: string;
        name: string;
        state: "made" | "there" | "refused";
        enabled: boolean;
        why?: string;
        grants?: Array<string>;
      }>;
    };
  };
  /** The files of standing instructions that a session's model is told: AGENTS.md, or CLAUDE.md where there is none. */
  "GET /api/instructions/list": {
    input: { sessionKey?: string };
    output: {
      count: number;
      instructions: Array<{
        path: string;
        name: string;
        from: "user" | "workspace";
        beneath: string;
        text: string;
        problem?: string;
      }>;
    };
  };
  /** The newest lines of the gateway's log, oldest first, with every secret removed. */
  "GET /api/logs/tail": {
    input: { lines?: number; level?: "debug" | "info" | "warn" | "error" };
    output: {
      count: number;
      lines: Array<{
        time: string;
        level: "debug" | "info" | "warn" | "error";
        message: string;
        fields?: Record<string, unknown>;
      }>;
    };
  };
  /** Answers a question of an MCP server. 404 when it waits no more, 400 for content that does not fit. A paired phone accepts no page that a server wants opened: it is the computer's browser that the server waits for. */
  "POST /api/mcp/answer": {
    input: {
      id: string;
      action: "accept" | "decline" | "cancel";
      content?: Record<string, string | number | boolean | Array<string>>;
    };
    output: {
      question: {
        id: string;
        server: string;
        message: string;
        fields: Array<{
          name: string;
          kind: "text" | "number" | "boolean" | "choice" | "choices";
          title: string;
          description?: string;
          required: boolean;
          options?: Array<{ value: string; title: string }>;
          format?: "email" | "uri" | "date" | "date-time";
          whole?: true;
          min?: number;
          max?: number;
          default?: unknown;
        }>;
        page?: { address: string; host: string };
        calls?: Array<{ sessionKey: string; tool: string }>;
        createdAt: string;
        expiresAt: string;
      };
      action: "accept" | "decline" | "cancel";
    };
  };
  /** The MCP servers that are set up, how each is, and the tools that it has. */
  "GET /api/mcp/list": {
    input: Record<never, never>;
    output: {
      count: number;
      servers: Array<{
        name: string;
        state: "off" | "idle" | "starting" | "ready" | "failed" | "sign_in";
        kind: "stdio" | "http";
        target: string;
        error: string | null;
        retryAt: string | null;
        pid: number | null;
        version: string | null;
        protocol: string | null;
        startedAt: string | null;
        tools: Array<{ name: string; title: string; description: string; readOnly: boolean }>;
      }>;
    };
  };
  /** What an MCP server has written to its standard error, and what happened to it; oldest first. */
  "GET /api/mcp/log": {
    input: { server: string; lines?: number };
    output: { server: string; lines: Array<string> };
  };
  /** What MCP servers ask of the user, while a call of theirs is under way. */
  "GET /api/mcp/questions": {
    input: Record<never, never>;
    output: {
      count: number;
      questions: Array<{
        id: string;
        server: string;
        message: string;
        fields: Array<{
          name: string;
          kind: "text" | "number" | "boolean" | "choice" | "choices";
          title: string;
          description?: string;
          required: boolean;
          options?: Array<{ value: string; title: string }>;
          format?: "email" | "uri" | "date" | "date-time";
          whole?: true;
          min?: number;
          max?: number;
          default?: unknown;
        }>;
        page?: { address: string; host: string };
        calls?: Array<{ sessionKey: string; tool: string }>;
        createdAt: string;
        expiresAt: string;
      }>;
    };
  };
  /** What a document of an MCP server is now, as `attachments` of a message: texts marked as the server's, and images. Starts the server when it does not run. */
  "POST /api/mcp/read": {
    input: { server: string; uri: string };
    output: { server: string; uri: string; attachments: Array<Attachment> };
  };
  /** Documents that the MCP servers offer which run, or have run. Their prompts are in `prompts.list`. */
  "GET /api/mcp/resources": {
    input: { search?: string };
    output: {
      count: number;
      resources: Array<{ server: string; uri: string; name: string; description: string; mediaType: string | null }>;
    };
  };
  /** Ends an MCP server, forgets its faults and starts it; answers when it is ready or has failed. */
  "POST /api/mcp/restart": {
    input: { server: string };
    output: {
      server: {
        name: string;
        state: "off" | "idle" | "starting" | "ready" | "failed" | "sign_in";
        kind: "stdio" | "http";
        target: string;
        error: string | null;
        retryAt: string | null;
        pid: number | null;
        version: string | null;
        protocol: string | null;
        startedAt: string | null;
        tools: Array<{ name: string; title: string; description: string; readOnly: boolean }>;
      };
    };
  };
  /** Begins to sign in at an MCP server by OAuth: a person opens `url`, and the server connects when they have come back. */
  "POST /api/mcp/signIn": {
    input: { server: string };
    output: { server: string; url: string };
  };
  /** Ends an MCP server and forgets the tokens for it. */
  "POST /api/mcp/signOut": {
    input: { server: string };
    output: {
      server: {
        name: string;
        state: "off" | "idle" | "starting" | "ready" | "failed" | "sign_in";
        kind: "stdio" | "http";
        target: string;
        error: string | null;
        retryAt: string | null;
        pid: number | null;
        version: string | null;
        protocol: string | null;
        startedAt: string | null;
        tools: Array<{ name: string; title: string; description: string; readOnly: boolean }>;
      };
    };
  };
  /** The models of all providers, those that are ready first. */
  "GET /api/models/list": {
    input: { refresh?: boolean };
    output: { count: number; models: Array<Model>; default: string | null };
  };
  /** The providers, and where the key of each comes from: openclaw.yml, what the user stored, the environment, in this order. */
  "GET /api/models/providers": {
    input: Record<never, never>;
    output: {
      count: number;
      providers: Array<{ id: string; key: { from: "openclaw.yml" | "stored" | "environment"; name?: string } | null }>;
    };
  };
  /** A phone gives its token back. */
  "POST /api/phones/leave": {
    input: Record<never, never>;
    output: { id: string };
  };
  /** The phones that are paired, and the codes that wait for theirs. */
  "GET /api/phones/list": {
    input: Record<never, never>;
    output: {
      on: boolean;
      count: number;
      phones: Array<{
        id: string;
        name: string;
        scopes: Array<"read" | "approvals" | "send">;
        pairedAt: string;
        by: string;
        push: boolean;
        pushFault?: string;
      }>;
      pending: Array<{ id: string; scopes: Array<"read" | "approvals" | "send">; expiresAt: string; by: string }>;
    };
  };
  /** A code that lets one phone in, once, within ten minutes; three may wait, and five wrong ones make all void. 503 while `gateway.remote` is off. */
  "POST /api/phones/pair": {
    input: { send?: boolean };
    output: {
      code: string;
      expiresAt: string;
      scopes: Array<"read" | "approvals" | "send">;
      urls: Array<string>;
      selfSigned: boolean;
    };
  };
  /** Takes a phone's token back, so that what it holds open ends; or makes a code void that waits. */
  "POST /api/phones/remove": {
    input: { id: string };
    output: { id: string };
  };
  /** To a phone: which one it is, and what it may do. */
  "GET /api/phones/self": {
    input: Record<never, never>;
    output: {
      phone: {
        id: string;
        name: string;
        scopes: Array<"read" | "approvals" | "send">;
        pairedAt: string;
        by: string;
        push: boolean;
        pushFault?: string;
      };
      version: string;
      pushKey: string | null;
    };
  };
  /** A phone is told from now on when something waits: by the endpoint that its browser gave it, which must be https on the public internet, and sealed for its page alone. Another takes the place of the one before. */
  "POST /api/phones/subscribe": {
    input: { endpoint: string; keys: { p256dh: string; auth: string } };
    output: { push: true };
  };
  /** A phone is told of nothing any more while its page is not open. */
  "POST /api/phones/unsubscribe": {
    input: Record<never, never>;
    output: { push: false };
  };
  /** Has the plan that a session waits with carried out, by a run with the session's usual rights, and waits for the reply. Where the session's mode is `plan`, that ends, and so it takes the scope that `approvals.mode` does. */
  "POST /api/plans/accept": {
    input: { sessionKey?: string; runId?: string; text?: string; timeoutSeconds?: number; model?: string };
    output:
      | {
          status: "ok";
          runId: string;
          sessionKey: string;
          reply: string;
          result?: unknown;
          model: string;
          usage: Usage;
          durationMs: number;
          cached?: true;
        }
      | { status: "accepted"; runId: string; sessionKey: string; reply: null };
  };
  /** Ends the plan that was accepted in a session: its model is told so, and of the plan no more. 404 where none holds, 409 while the session is at work. */
  "POST /api/plans/end": {
    input: { sessionKey?: string };
    output: { sessionKey: string; ended: true };
  };
  /** The plan that a session waits with. 404 where its newest run wrote none, or is still at it. */
  "GET /api/plans/get": {
    input: { sessionKey?: string };
    output: { runId: string; sessionKey: string; text: string; holds: boolean };
  };
  /** What a model would read of a message that is sent by the name of a prompt. Nothing is sent. */
  "POST /api/prompts/expand": {
    input: { prompt: string; arguments?: string | Record<string, string>; sessionKey?: string };
    output: { name: string; text: string; kind: "prompt" | "skill"; typed: string };
  };
  /** Messages that are kept under a name: files of prompts, yours and those of the session's folder, and skills that people may name. */
  "GET /api/prompts/list": {
    input: { sessionKey?: string };
    output: {
      count: number;
      prompts: Array<{
        name: string;
        description: string;
        kind: "prompt" | "skill";
        from: "user" | "workspace";
        path: string;
        argumentHint?: string;
        inputs: Array<{ name: string; placeholder?: string }>;
        confirmed: boolean;
        notes: Array<string>;
        problem?: string;
      }>;
    };
  };
  /** Writes a rule into the user's openclaw.yml. */
  "POST /api/rules/add": {
    input: {
      rule: {
        allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        command?: string;
        path?: string;
        host?: string;
        server?: string;
        tool?: string;
        channel?: string;
        to?: string;
        hash?: string;
        readOnly?: true;
      };
    };
    output: { added: true };
  };
  /** What may be done unasked or is refused, by which rule, and what each let through last. */
  "GET /api/rules/list": {
    input: Record<never, never>;
    output: {
      count: number;
      rules: Array<{
        from: "configuration" | "session" | "job";
        rule: {
          allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
          deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
          command?: string;
          path?: string;
          host?: string;
          server?: string;
          tool?: string;
          channel?: string;
          to?: string;
          hash?: string;
          readOnly?: true;
        };
        words: string;
        sessionKey?: string;
        job?: { id: string; name: string };
        last: { at: string; what: string; sessionKey?: string } | null;
      }>;
    };
  };
  /** Takes a rule out of the user's openclaw.yml, or with `sessionKey` what was allowed for a session. 409 where another file has it; a job's grants are changed with the job. */
  "POST /api/rules/remove": {
    input: {
      rule: {
        allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        command?: string;
        path?: string;
        host?: string;
        server?: string;
        tool?: string;
        channel?: string;
        to?: string;
        hash?: string;
        readOnly?: true;
      };
      sessionKey?: string;
    };
    output: { removed: true };
  };
  /** Cancels a run. */
  "POST /api/runs/cancel": {
    input: { runId: string };
    output: { runId: string; cancelled: boolean };
  };
  /** One run, with its outcome when it has ended. */
  "GET /api/runs/get": {
    input: { runId: string };
    output: { run: Run; attachments?: Array<Attachment> };
  };
  /** Lists runs, newest first. */
  "GET /api/runs/list": {
    input: { sessionKey?: string; states?: Array<"queued" | "running" | "finished">; limit?: number };
    output: { count: number; runs: Array<Run> };
  };
  /** What a run did, cost, was refused and answered, as values and as Markdown. Nothing that tools read or wrote is in it, and no secrets. */
  "GET /api/runs/report": {
    input: { runId: string };
    output: {
      report: {
        runId: string;
        sessionKey: string;
        title: string | null;
        state: "queued" | "running" | "finished";
        ended: "done" | "cancelled" | "timed_out" | "interrupted" | "failed" | null;
        error?: {
          code:
            | "bad_request"
            | "unauthorized"
            | "budget_exhausted"
            | "forbidden"
            | "not_found"
            | "method_not_allowed"
            | "conflict"
            | "invalid_result"
            | "payload_too_large"
            | "unsupported_media_type"
            | "rate_limited"
            | "internal"
            | "provider_error"
            | "unavailable"
            | "timed_out";
          message: string;
          details?: Array<{ path: string; message: string }>;
          retryAfterMs?: number;
          reply?: string;
          requestId?: string;
        };
        origin: Origin;
        model: string;
        asked: string;
        createdAt: string;
        startedAt: string | null;
        finishedAt: string | null;
        durationMs: number | null;
        steps: number;
        usage: Usage;
        tools: Array<{ name: string; calls: number; failed: number; refused: number }>;
        commands: Array<{
          command: string;
          ended: "exited" | "stopped" | "background" | "refused" | "unknown";
          exitCode: number | null;
          durationMs: number | null;
        }>;
        files: Array<{
          path: string;
          kind: "added" | "changed" | "deleted" | "unchanged";
          state: "as_left" | "as_before" | "changed_since" | "not_kept";
          by?: "command";
        }>;
        refused: Array<{ tool: string; what: string; why: string }>;
        lacked: Array<string>;
        notices: Array<string>;
        subagents: Array<{ runId: string; sessionKey: string; state: "queued" | "running" | "finished"; usage: Usage }>;
        answer: string;
        leftOut: number;
      };
      markdown: string;
    };
  };
  /** Waits until a run has ended. 202 with the run as it is when the wait ends first. */
  "GET /api/runs/wait": {
    input: { runId: string; timeoutSeconds?: number };
    output: { status: "ok" | "accepted"; run: Run };
  };
  /** A session's state, what its next run would use, and how full its context is. */
  "GET /api/session/status": {
    input: { sessionKey?: string };
    output: {
      sessionKey: string;
      title: string | null;
      kind: "main" | "isolated" | "channel";
      state: "idle" | "queued" | "running" | "waiting" | "failed";
      lastError: string | null;
      model: string;
      effort: "low" | "medium" | "high" | null;
      provider: string;
      budgetProblem: string | null;
      budgets: Array<{
        budget: string;
        title: string;
        usd: { limit: number; raised: number; used: number } | null;
        tokens: { limit: number; raised: number; used: number } | null;
        percent: number;
        note?: string;
        warned: number;
      }>;
      workspace: string | null;
      createdAt: string;
      updatedAt: string;
      usage: Usage;
      context: { usedTokens: number; windowTokens: number | null; percent: number | null };
      runs: { total: number; active: number; queued: number; failed: number };
      subagents: Array<Session>;
      instructions: Array<{
        path: string;
        name: string;
        from: "user" | "workspace";
        beneath: string;
        problem?: string;
      }>;
      skills: Array<string>;
      mode: "ask" | "auto-safe" | "auto" | "deny" | "plan";
      plan: string | null;
      config: {
        maxSteps: number;
        approvals: "ask" | "auto-safe" | "auto" | "deny";
        approvalTimeoutSeconds: number;
        budgetUsd: number | null;
        budgetTokens: number | null;
        budgets: Record<string, { usd: number | null; tokens: number | null }>;
        tools: { allow?: Array<string>; deny: Array<string> };
        fallbacks: Array<string>;
      };
    };
  };
  /** A session's state, what its next run would use, and how full its context is. */
  "GET /api/sessions/status": {
    input: { sessionKey?: string };
    output: {
      sessionKey: string;
      title: string | null;
      kind: "main" | "isolated" | "channel";
      state: "idle" | "queued" | "running" | "waiting" | "failed";
      lastError: string | null;
      model: string;
      effort: "low" | "medium" | "high" | null;
      provider: string;
      budgetProblem: string | null;
      budgets: Array<{
        budget: string;
        title: string;
        usd: { limit: number; raised: number; used: number } | null;
        tokens: { limit: number; raised: number; used: number } | null;
        percent: number;
        note?: string;
        warned: number;
      }>;
      workspace: string | null;
      createdAt: string;
      updatedAt: string;
      usage: Usage;
      context: { usedTokens: number; windowTokens: number | null; percent: number | null };
      runs: { total: number; active: number; queued: number; failed: number };
      subagents: Array<Session>;
      instructions: Array<{
        path: string;
        name: string;
        from: "user" | "workspace";
        beneath: string;
        problem?: string;
      }>;
      skills: Array<string>;
      mode: "ask" | "auto-safe" | "auto" | "deny" | "plan";
      plan: string | null;
      config: {
        maxSteps: number;
        approvals: "ask" | "auto-safe" | "auto" | "deny";
        approvalTimeoutSeconds: number;
        budgetUsd: number | null;
        budgetTokens: number | null;
        budgets: Record<string, { usd: number | null; tokens: number | null }>;
        tools: { allow?: Array<string>; deny: Array<string> };
        fallbacks: Array<string>;
      };
    };
  };
  /** Cancels a session's active and queued runs, and its compaction. */
  "POST /api/sessions/abort": {
    input: { sessionKey: string; only?: "compaction" };
    output: { sessionKey: string; aborted: number };
  };
  /** Replaces the older history by a summary in what the model sees; the messages stay. 409 while the session is at work, or when it is stopped. */
  "POST /api/sessions/compact": {
    input: { sessionKey: string };
    output: {
      sessionKey: string;
      compacted: boolean;
      usedTokensBefore: number;
      usedTokensAfter: number;
      session: Session;
    };
  };
  /** Makes an empty isolated session. */
  "POST /api/sessions/create": {
    input: { title?: string; model?: string; workspace?: string | null; parentSessionKey?: string };
    output: { sessionKey: string; session: Session };
  };
  /** Cancels a session's runs and removes it with its children. main is reset instead. */
  "POST /api/sessions/delete": {
    input: { sessionKey: string; undoSeconds?: number };
    output: { sessionKey: string; deleted: boolean; erasedAt?: string };
  };
  /** Makes a new session with a copy of the messages; the answer's `sessionKey` is the new one's. */
  "POST /api/sessions/fork": {
    input: { sessionKey: string; title?: string; uptoSeq?: number };
    output: { sessionKey: string; forkedFrom: string; session: Session };
  };
  /** The newest messages of a session, oldest first. */
  "GET /api/sessions/history": {
    input: { sessionKey?: string; limit?: number; includeTools?: boolean; before?: number };
    output: { sessionKey: string; messages: Array<Message>; hasMore: boolean; lastEventId: number };
  };
  /** Lists sessions, newest first. */
  "GET /api/sessions/list": {
    input: {
      kinds?: Array<"main" | "isolated" | "channel">;
      limit?: number;
      messageLimit?: number;
      cursor?: string;
      search?: string;
      pinned?: boolean;
      archived?: boolean;
    };
    output: {
      count: number;
      sessions: Array<{
        key: string;
        kind: "main" | "isolated" | "channel";
        title: string | null;
        state: "idle" | "queued" | "running" | "waiting" | "failed";
        model: string | null;
        parentKey: string | null;
        workspace: string | null;
        pinned: boolean;
        archived: boolean;
        createdAt: string;
        updatedAt: string;
        messageCount: number;
        contextTokens: number;
        usage: Usage;
        messages?: Array<Message>;
      }>;
      nextCursor?: string;
    };
  };
  /** Removes what `retention` of openclaw.yml lets go, as happens every hour. Never main, a session that a person named, a job's target, or one at work. */
  "POST /api/sessions/prune": {
    input: { dryRun?: boolean };
    output: {
      dryRun: boolean;
      retention: { openaiDays?: number; jobDays?: number; subagentDays?: number };
      count: number;
      sessions: Array<{
        key: string;
        title: string | null;
        rule: "openai" | "job" | "subagent";
        updatedAt: string;
        messageCount: number;
      }>;
    };
  };
  /** Gives a session a title; null: again the one that it had by itself. */
  "POST /api/sessions/rename": {
    input: { sessionKey: string; title: string | null };
    output: { sessionKey: string; session: Session };
  };
  /** Cancels a session's runs and removes its history; the session stays. */
  "POST /api/sessions/reset": {
    input: { sessionKey: string };
    output: { sessionKey: string; session: Session };
  };
  /** Brings back a session that was deleted with `undoSeconds`, and its children. Runs stay cancelled. 404 once it is erased. */
  "POST /api/sessions/restore": {
    input: { sessionKey: string };
    output: { sessionKey: string; session: Session };
  };
  /** Finds what users and assistants wrote: messages with every word of the query, and sessions whose title or key has them; newest sessions first. */
  "GET /api/sessions/search": {
    input: { query: string; limit?: number; sessionKey?: string; before?: number; cursor?: string };
    output: {
      count: number;
      results: Array<{
        session: Session;
        matchCount: number;
        matches: Array<{
          seq: number;
          role: "user" | "assistant";
          createdAt: string;
          snippet: string;
          highlights: Array<{ start: number; end: number }>;
        }>;
      }>;
      nextCursor?: string;
    };
  };
  /** Sends a message to a session and waits for the reply. 202 when the wait ends first: the run goes on. A paired phone gives `message`, `sessionKey` and `timeoutSeconds` alone. */
  "POST /api/sessions/send": {
    input: {
      message?: string;
      prompt?: string;
      arguments?: string | Record<string, string>;
      sessionKey?: string;
      timeoutSeconds?: number;
      model?: string;
      mode?: "plan";
      attachments?: Array<Attachment>;
      outputSchema?: Record<string, unknown>;
      budgetUsd?: number;
      budgetTokens?: number;
      cache?: { ttlSeconds: number };
    };
    output:
      | {
          status: "ok";
          runId: string;
          sessionKey: string;
          reply: string;
          result?: unknown;
          model: string;
          usage: Usage;
          durationMs: number;
          cached?: true;
        }
      | { status: "accepted"; runId: string; sessionKey: string; reply: null };
  };
  /** Runs a task in a new isolated session and waits for its reply; `sessionKey` and `childSessionKey` are both the new session's. */
  "POST /api/sessions/spawn": {
    input: {
      task: string;
      model?: string;
      runTimeoutSeconds?: number;
      label?: string;
      parentSessionKey?: string;
      workspace?: string | null;
      agent?: string;
      worktree?: boolean;
      wait?: boolean;
      deliver?: boolean;
      detached?: boolean;
      cleanup?: "keep" | "delete";
      grants?: Array<{
        allow?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        deny?: "exec" | "edit" | "delete" | "read" | "web_fetch" | "browser" | "network" | "mcp" | "message";
        command?: string;
        path?: string;
        host?: string;
        server?: string;
        tool?: string;
        channel?: string;
        to?: string;
        hash?: string;
        readOnly?: true;
      }>;
      outputSchema?: Record<string, unknown>;
      budgetUsd?: number;
      budgetTokens?: number;
      cache?: { ttlSeconds: number };
    };
    output:
      | {
          status: "ok";
          runId: string;
          sessionKey: string;
          reply: string;
          result?: unknown;
          model: string;
          usage: Usage;
          durationMs: number;
          cached?: true;
          childSessionKey: string;
          worktree?: {
            name: string;
            repository: string;
            path: string;
            branch: string;
            base: string;
            sessionKey: string | null;
            createdAt: string;
            notes: Array<string>;
          };
        }
      | {
          status: "accepted";
          runId: string;
          sessionKey: string;
          reply: null;
          childSessionKey: string;
          worktree?: {
            name: string;
            repository: string;
            path: string;
            branch: string;
            base: string;
            sessionKey: string | null;
            createdAt: string;
            notes: Array<string>;
          };
        };
  };
  /** Puts a message into the run under way in a session, which reads it at its next step; `runId` is the message's own. Where the run ends before that, the message is answered by a run of its own. 409 when none is under way. A token whose scope is not admin steers what it began. */
  "POST /api/sessions/steer": {
    input: { message: string; sessionKey?: string; runId?: string };
    output: { status: "accepted"; runId: string; sessionKey: string; reply: null };
  };
  /** Changes a session's title, model and effort (null takes away what was set), pins and archives it. */
  "POST /api/sessions/update": {
    input: {
      sessionKey: string;
      title?: string | null;
      model?: string | null;
      effort?: "low" | "medium" | "high" | null;
      pinned?: boolean;
      archived?: boolean;
    };
    output: { sessionKey: string; session: Session };
  };
  /** A person's word that a workspace's skill may be used as its files are now. 409 when they have changed. */
  "POST /api/skills/confirm": {
    input: { name: string; hash: string; workspace?: string };
    output: { name: string; confirmed: true };
  };
  /** A skill with what its SKILL.md says, and the names of its other files. */
  "GET /api/skills/get": {
    input: { name: string; workspace?: string };
    output: {
      name: string;
      description: string;
      from: "user" | "workspace";
      path: string;
      hash: string;
      confirmed: boolean;
      forModel: boolean;
      forPeople: boolean;
      argumentHint?: string;
      allowedTools?: Array<string>;
      license?: string;
      compatibility?: string;
      notes: Array<string>;
      problem?: string;
      text: string;
    };
  };
  /** Folders with a SKILL.md, by name: the user's own, and a workspace's. Those that cannot be used say why. */
  "GET /api/skills/list": {
    input: { workspace?: string };
    output: {
      count: number;
      skills: Array<{
        name: string;
        description: string;
        from: "user" | "workspace";
        path: string;
        hash: string;
        confirmed: boolean;
        forModel: boolean;
        forPeople: boolean;
        argumentHint?: string;
        allowedTools?: Array<string>;
        license?: string;
        compatibility?: string;
        notes: Array<string>;
        problem?: string;
      }>;
    };
  };
  /** Ends what a sub-agent is at, and with `tree` what is below it; of a session that is none, all below it. Its parent is told, unless it is the parent whose sub-agents are ended. */
  "POST /api/subagents/cancel": {
    input: { sessionKey: string; tree?: boolean };
    output: { sessionKey: string; cancelled: number };
  };
  /** The sub-agents of a session, each before those below it; siblings newest first. */
  "GET /api/subagents/list": {
    input: { sessionKey?: string };
    output: {
      sessionKey: string;
      count: number;
      subagents: Array<{
        key: string;
        kind: "main" | "isolated" | "channel";
        title: string | null;
        state: "idle" | "queued" | "running" | "waiting" | "failed";
        model: string | null;
        parentKey: string | null;
        workspace: string | null;
        pinned: boolean;
        archived: boolean;
        createdAt: string;
        updatedAt: string;
        messageCount: number;
        contextTokens: number;
        usage: Usage;
        depth: number;
        run: Run | null;
        activity: string | null;
        detached: boolean;
      }>;
    };
  };
  /** Tokens and dollars of the last days, by day (UTC), session and model. */
  "GET /api/usage/cost": {
    input: { days?: number; sessionKey?: string };
    output: {
      days: number;
      total: {
        inputTokens: number;
        outputTokens: number;
        cacheReadTokens: number;
        cacheWriteTokens: number;
        costUsd: number | null;
        knownUsd?: number;
        estimated?: boolean;
        requests: number;
      };
      budgets: Array<{
        budget: string;
        title: string;
        usd: { limit: number; raised: number; used: number } | null;
        tokens: { limit: number; raised: number; used: number } | null;
        percent: number;
        note?: string;
        warned: number;
      }>;
      rows: Array<{
        day: string;
        sessionKey: string;
        model: string;
        requests: number;
        inputTokens: number;
        outputTokens: number;
        cacheReadTokens: number;
        cacheWriteTokens: number;
        costUsd: number | null;
        unpriced: number;
      }>;
    };
  };
  /** The folders that sessions may work in: those of every open window. The first is the default. */
  "GET /api/workspaces/list": {
    input: Record<never, never>;
    output: { folders: Array<string>; offered: Array<string> };
  };
  /** All that differs in a worktree from where it began, committed or not, as a patch for `git apply`. Files that may hold secrets, or that a rule denies to be read, are in it for scope admin alone. */
  "GET /api/worktrees/diff": {
    input: { name: string };
    output: { name: string; patch: string; left?: Array<string> };
  };
  /** The git worktrees of sub-agents, newest first, with what is in them, who is at work there, and their sizes. */
  "GET /api/worktrees/list": {
    input: Record<never, never>;
    output: {
      count: number;
      worktrees: Array<{
        name: string;
        repository: string;
        path: string;
        branch: string;
        base: string;
        sessionKey: string | null;
        createdAt: string;
        notes: Array<string>;
        state: "ok" | "missing";
        ahead: number;
        uncommitted: number;
        sizeBytes: number;
        atWork: Array<string>;
      }>;
    };
  };
  /** Commits what is not committed in a worktree, and merges its branch into the one that the repository has checked out. 409, with nothing changed, where files would conflict, somebody has changes in them or others in their place, or a session is at work in it. */
  "POST /api/worktrees/merge": {
    input: { name: string };
    output: { name: string; into: string; commit: string };
  };
  /** Commits what is not committed in a worktree, and pushes its branch to a remote of the repository, for a pull request. 409 where there is nothing to push, the remote or its Git LFS refuses it, or a session is at work in it. */
  "POST /api/worktrees/push": {
    input: { name: string; remote?: string };
    output: { name: string; remote: string; branch: string; url?: string };
  };
  /** Removes a worktree; its branch stays where no other has its commits. 409 when changes that no commit holds, or commits that no branch has, would be lost, another worktree is one of it, or a session is at work in it, unless `force`. */
  "POST /api/worktrees/remove": {
    input: { name: string; force?: boolean; losing?: { uncommitted: number } };
    output: { name: string; branchKept: boolean };
  };
}

export class PincerError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, error: { code: string; message: string; retryAfterMs?: number }) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.retryAfterMs = error.retryAfterMs;
  }
}

export interface ClientOptions {
  /** As in "http://127.0.0.1:3000". */
  url: string;
  token: string;
  /** How often a call is made when the gateway is busy or away; 5 by default. */
  attempts?: number;
}

/** Calls a route by its method and path: `call("POST /api/sessions/send", { message: "hi" })`. */
export function createClient({ url, token, attempts = 5 }: ClientOptions) {
  return async function call<Name extends keyof Routes>(
    name: Name,
    input: Routes[Name]["input"],
    signal?: AbortSignal,
  ): Promise<Routes[Name]["output"]> {
    const [method, path] = name.split(" ") as [string, string];
    const query = method === "GET" ? toQuery(input) : "";
    // One key for all attempts: an answer that was lost is told again, and nothing is done twice.
    const key: Record<string, string> = method === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {};
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(url + path + query, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...key },
        ...(method === "POST" ? { body: JSON.stringify(input) } : {}),
        ...(signal ? { signal } : {}),
      })
        .then(async (response) => ({
          ok: response.ok,
          status: response.status,
          body: (await response.json()) as unknown,
        }))
        .catch((reason: unknown) => {
          if (signal?.aborted) throw reason;
          return undefined;
        });
      if (answer?.ok) return answer.body as Routes[Name]["output"];
      const error = answer
        ? new PincerError(answer.status, (answer.body as Error).error)
        : new PincerError(0, { code: "unreachable", message: `No gateway answers at ${url}` });
      if (attempt >= attempts || ![0, 429, 503].includes(error.status)) throw error;
      const waitMs = error.retryAfterMs ?? Math.min(20_000, 500 * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
}

function toQuery(input: object): string {
  const pairs = Object.entries(input).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((item): [string, string] => [name, String(item)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
}
