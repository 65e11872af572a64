import { isAppError } from "../../base/appError.ts";
import { openSecrets } from "../../config/secrets.ts";
import { broken, type Check, type Checkup, type Finding, ok, warning } from "./check.ts";

const FIX = "Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or a key under providers in openclaw.yml";

export const models: Check = {
  name: "Models",
  async run(checkup) {
    const ready = (await readyModels(checkup)) ?? keyedProviders(checkup);
    const unheld = (await budgetProblem(checkup)) ?? [];
    if (ready.length > 0) return [ok(`ready: ${[...new Set(ready)].join(", ")}`), ...unheld];
    return [warning("no provider is ready; only the scripted offline/demo answers", FIX), ...unheld];
  },
};

/** Providers with a model that is ready, as the running gateway sees it. */
async function readyModels({ client }: Checkup): Promise<string[] | undefined> {
  try {
    const answer = await client?.get("models.list");
    return answer?.models.filter((model) => model.ready && model.provider !== "offline").map((model) => model.provider);
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/** Whether what the main session would ask is refused for a budget in dollars, as the running gateway sees it. */
async function budgetProblem({ client }: Checkup): Promise<Finding[] | undefined> {
  try {
    const status = await client?.get("session.status", { sessionKey: "main" });
    if (!status?.budgetProblem) return undefined;
    const [problem, ...fix] = status.budgetProblem.split(". ");
    return [broken(problem!, fix.join(". "))];
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

const ENV_KEYS: [provider: string, names: string[]][] = [
  ["anthropic", ["ANTHROPIC_API_KEY"]],
  ["openai", ["OPENAI_API_KEY"]],
  ["google", ["GEMINI_API_KEY", "GOOGLE_API_KEY"]],
];

function keyedProviders({ config, env, stateDir }: Checkup): string[] {
  const own = Object.entries(config.providers).filter(
    ([, provider]) => provider?.apiKey !== undefined || provider?.api !== undefined,
  );
  const inEnv = ENV_KEYS.filter(([, names]) => names.some((name) => env[name]));
  const stored = openSecrets(stateDir)
    .names()
    .filter((name) => name.endsWith(".apiKey"));
  return [
    ...own.map(([name]) => name),
    ...inEnv.map(([name]) => name),
    ...stored.map((name) => name.slice(0, -".apiKey".length)),
  ];
}
