import type { ChannelName } from "../../protocol/outside/channelNames.ts";
import type { Rule } from "../../protocol/rule.ts";
import type { ModelPrice } from "../../protocol/model.ts";

/** Whether commands run in a sandbox: where there is one, always or not at all, never. */
export type SandboxMode = "auto" | "required" | "off";

export type ApprovalMode = "ask" | "auto-safe" | "auto" | "deny";

/** In US dollars and in tokens of all kinds; undefined: no ceiling. */
export interface Budget {
  usd?: number;
  tokens?: number;
}

/** Ceilings of all the runs that one message leads to. */
export interface TreeLimits {
  /** How deep sub-agents may be nested. */
  depth: number;
  /** Runs at work or waiting at once. */
  running: number;
  /** Runs in all. */
  runs: number;
  /** Messages in a row from session to session, without a person among them. */
  chain: number;
}

/** After how many days sessions that nobody used are removed, by who made them; absent: never. */
export interface Retention {
  /** Those that /v1 made; 0: when they have answered. */
  openaiDays?: number;
  /** Those that a job made for a firing. */
  jobDays?: number;
  subagentDays?: number;
}

/** As they are in force now; for what is done in a folder, as its own openclaw.yml may make them stricter there. */
export type SettingsNow = (workspace?: string) => AgentSettings;

/** The part of the configuration that the agent obeys, read afresh at every use so that a reload takes effect. */
export interface AgentSettings {
  /** "provider/name" of the default model; undefined: the first provider that is ready. */
  model?: string;
  /** Models asked in this order when the one before is overloaded, away, or has no key. */
  fallbacks: string[];
  instructions?: string;
  /** false: AGENTS.md and its like are not told to the model. */
  instructionFiles?: boolean;
  /** false: no skill is told or used. */
  skills?: boolean;
  /** false: what files were before a run changes them is not kept. */
  checkpoints?: boolean;
  maxSteps: number;
  tools: { allow?: string[]; deny: string[] };
  approvals: ApprovalMode;
  /** Whether commands run in a sandbox; "auto" when not given. */
  sandbox?: SandboxMode;
  /** What may be done unasked, and what may not be done; none when not given. */
  rules?: Rule[];
  /** What comes with a token may do, by the token's name. */
  tokens?: Record<string, { scope: "read" | "write" | "admin"; grants?: Rule[]; day?: Budget }>;
  /** Name of the token that may do all and is none of `tokens`: one of another name is no more. */
  ownToken?: string;
  /** What runs of a webhook may do, by its name. */
  webhooks?: Record<string, Rule[]>;
  /** What runs of each chat that is named may do, by the channel. */
  chats?: Partial<Record<ChannelName, Rule[][]>>;
  /** Whether servers of this machine may be asked for pages, to test one's own app. Absent: not. */
  allowLoopback?: boolean;
  approvalTimeoutMs: number;
  /** Ceilings of one run, its sub-agents included; undefined: none. */
  budgetUsd?: number;
  budgetTokens?: number;
  /** Ceilings of all that a session, one firing of a job, or the whole gateway in a day (UTC) may use. */
  budgets?: Partial<Record<"session" | "job" | "day", Budget>> & {
    /** Of what a model, as "provider/name", is used for in a day (UTC). */
    models?: Record<string, Budget>;
  };
  /** Nothing is removed when not given. */
  retention?: Retention;
  /** TREE_LIMITS when not given. */
  tree?: TreeLimits;
  prices: Record<string, ModelPrice>;
}
