import type { ModelPrice } from "../../protocol/model.ts";

export type ApprovalMode = "ask" | "auto-safe" | "auto" | "deny";

/** The part of the configuration that the agent obeys, read afresh at every use so that a reload takes effect. */
export interface AgentSettings {
  /** "provider/name" of the default model; undefined: the first provider that is ready. */
  model?: string;
  fallbacks: string[];
  instructions?: string;
  maxSteps: number;
  tools: { allow?: string[]; deny: string[] };
  approvals: ApprovalMode;
  approvalTimeoutMs: number;
  /** Ceilings in US dollars and tokens; undefined: none. */
  budgetUsd?: number;
  budgetTokens?: number;
  prices: Record<string, ModelPrice>;
}
