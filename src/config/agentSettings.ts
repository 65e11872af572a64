import { CHANNELS } from "../protocol/outside/channelNames.ts";
import { defined } from "../base/defined.ts";
import type { Config } from "./configSchema.ts";

/** Name of the token that the state folder keeps, or `gateway.token` gives. */
export const OWN_TOKEN = "default";

/** The part of the configuration that the agent obeys, in the shape it asks for. */
export function toAgentSettings(config: Config) {
  const { agent, browser, gateway, retention, checkpoints, model, fallbacks, prices, webhooks, channels } = config;
  return {
    ...defined({ model }),
    fallbacks,
    ...defined({ instructions: agent.instructions }),
    instructionFiles: agent.instructionFiles,
    skills: agent.skills,
    checkpoints: checkpoints.days > 0,
    maxSteps: agent.maxSteps,
    tools: agent.tools,
    approvals: agent.approvals,
    sandbox: agent.sandbox,
    allowLoopback: browser.allowLoopback,
    rules: agent.rules,
    tokens: Object.fromEntries(
      Object.entries(gateway.tokens).map(([name, { scope, grants, dayBudgetUsd, dayBudgetTokens }]) => [
        name,
        { scope, ...defined({ grants }), day: toBudget(dayBudgetUsd, dayBudgetTokens) },
      ]),
    ),
    ownToken: OWN_TOKEN,
    webhooks: Object.fromEntries(Object.entries(webhooks).map(([name, { grants = [] }]) => [name, grants])),
    chats: Object.fromEntries(CHANNELS.map((name) => [name, grantsOf(channels[name])])),
    approvalTimeoutMs: agent.approvalTimeoutSeconds * 1000,
    ...defined({ budgetUsd: agent.budgetUsd, budgetTokens: agent.budgetTokens }),
    budgets: {
      session: toBudget(agent.sessionBudgetUsd, agent.sessionBudgetTokens),
      job: toBudget(agent.jobBudgetUsd, agent.jobBudgetTokens),
      day: toBudget(agent.dayBudgetUsd, agent.dayBudgetTokens),
      models: Object.fromEntries(
        Object.entries(agent.modelBudgets).map(([name, { dayUsd, dayTokens }]) => [name, toBudget(dayUsd, dayTokens)]),
      ),
    },
    retention: defined({ ...retention, openaiDays: retention.openaiDays ?? gateway.openaiSessionDays }),
    tree: { depth: agent.maxDepth, running: agent.maxRunning, runs: agent.maxRuns, chain: agent.maxChain },
    prices,
  };
}

/** Of each chat of a network. */
function grantsOf(network: Config["channels"][keyof Config["channels"]]) {
  return Object.values(network?.chats ?? {}).map(({ grants = [] }) => grants);
}

function toBudget(usd: number | undefined, tokens: number | undefined) {
  return defined({ usd, tokens });
}
