import type { Config } from "./schema.ts";

/** The part of the configuration that the agent obeys, in the shape it asks for. */
export function toAgentSettings({ agent, model, fallbacks, prices }: Config) {
  return {
    ...(model === undefined ? {} : { model }),
    fallbacks,
    ...(agent.instructions === undefined ? {} : { instructions: agent.instructions }),
    maxSteps: agent.maxSteps,
    tools: agent.tools,
    approvals: agent.approvals,
    approvalTimeoutMs: agent.approvalTimeoutSeconds * 1000,
    ...(agent.budgetUsd === undefined ? {} : { budgetUsd: agent.budgetUsd }),
    ...(agent.budgetTokens === undefined ? {} : { budgetTokens: agent.budgetTokens }),
    prices,
  };
}
