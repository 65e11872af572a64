import type { Config } from "./configSchema.ts";

/** The part of the configuration that the agent obeys, in the shape it asks for. */
export function toAgentSettings({ agent, browser, gateway, model, fallbacks, prices }: Config) {
  return {
    ...(model === undefined ? {} : { model }),
    fallbacks,
    ...(agent.instructions === undefined ? {} : { instructions: agent.instructions }),
    maxSteps: agent.maxSteps,
    tools: agent.tools,
    approvals: agent.approvals,
    sandbox: agent.sandbox,
    allowLoopback: browser.allowLoopback,
    rules: agent.rules,
    tokens: Object.fromEntries(
      Object.entries(gateway.tokens).map(([name, { scope, grants }]) => [
        name,
        { scope, ...(grants ? { grants } : {}) },
      ]),
    ),
    approvalTimeoutMs: agent.approvalTimeoutSeconds * 1000,
    ...(agent.budgetUsd === undefined ? {} : { budgetUsd: agent.budgetUsd }),
    ...(agent.budgetTokens === undefined ? {} : { budgetTokens: agent.budgetTokens }),
    budgets: {
      session: toBudget(agent.sessionBudgetUsd, agent.sessionBudgetTokens),
      job: toBudget(agent.jobBudgetUsd, agent.jobBudgetTokens),
      day: toBudget(agent.dayBudgetUsd, agent.dayBudgetTokens),
    },
    tree: { depth: agent.maxDepth, running: agent.maxRunning, runs: agent.maxRuns, chain: agent.maxChain },
    prices,
  };
}

function toBudget(usd: number | undefined, tokens: number | undefined) {
  return { ...(usd === undefined ? {} : { usd }), ...(tokens === undefined ? {} : { tokens }) };
}
