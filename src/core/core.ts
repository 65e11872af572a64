import type { Agents, Prompts, Skills } from "./services/namedTexts.ts";
import type { Moving } from "./services/movingService.ts";
import type { Plans } from "./services/plans.ts";
import type { Checkpointing, Reports } from "./services/pastWork.ts";
import type { Clock } from "../base/clock.ts";
import type { Disposable } from "../base/disposable.ts";
import type { Log } from "../base/log.ts";
import type { SandboxState } from "./ports/commandPolicy.ts";
import type { EventBus, Told } from "./ports/eventBus.ts";
import type { Browser } from "./ports/browserPort.ts";
import type { McpServers } from "./ports/mcpServers.ts";
import type { SettingsNow } from "./ports/settings.ts";
import type { Store } from "./ports/store.ts";
import type { ChannelDesk } from "./ports/outside/channelDesk.ts";
import type { Worktrees } from "./ports/worktrees.ts";
import type { Sessions } from "./services/sessionService.ts";
import type { Subagents } from "./services/subagentService.ts";
import type { Runs } from "./services/runService.ts";
import type { Approvals } from "./services/approvalService.ts";
import type { Jobs } from "./services/jobService.ts";
import type { Models } from "./services/modelService.ts";
import type { Workspaces } from "./services/workspaceService.ts";
import type { BudgetReport, UsageReport } from "./services/spending.ts";
import type { ResponseCache } from "./services/responseService.ts";
import type { ToolRunner } from "./services/toolService.ts";

/** The agent as its doors see it: what every route, view and command calls. */
export interface Core {
  sessions: Sessions;
  subagents: Subagents;
  agents: Agents;
  skills: Skills;
  prompts: Prompts;
  worktrees: Worktrees;
  checkpoints: Checkpointing;
  plans: Plans;
  runs: Runs;
  approvals: Approvals;
  jobs: Jobs;
  events: Events;
  models: Models;
  usage: UsageReport;
  budgets: BudgetReport;
  /** Who is there to answer: a client that is told of approvals and may answer them comes, until it is disposed. */
  people: { come(): Disposable };
  /** Who may talk over chat networks, and what goes out to them. */
  channels: ChannelDesk;
  reports: Reports;
  moving: Moving;
  /** Answers kept for requests that ask for them. */
  responses: ResponseCache;
  /** Tools as offered to a session's model, and how to run one without a model (POST /tools/invoke, /mcp). */
  tools: ToolRunner;
  /** Absent where no browser was put in. */
  browser?: Browser;
  /** MCP servers whose tools the agent has; absent where none were put in. */
  servers?: McpServers;
  /** What keeps commands within bounds on this system, tried out once. */
  sandbox(): Promise<SandboxState>;
  workspaces: Workspaces;
  settings: SettingsNow;
  /** The configuration in force, secrets removed. */
  configuration(): Record<string, unknown>;
  /** Tells here what a process tells that works beside this one. */
  hear(told: Told): void;
  store: Store;
  clock: Clock;
  log: Log;
}

/** What every door may read of the stream. */
export type Events = Pick<EventBus, "subscribe" | "on" | "lastId">;
