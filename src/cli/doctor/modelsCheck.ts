import { findProviderKey } from "../../app/settings/providerKey.ts";
import { isAppError } from "../../base/appError.ts";
import { openSecrets } from "../../config/secrets.ts";
import type { KeySource } from "../../protocol/model.ts";
import { broken, type Check, type Checkup, type Finding, ok, warning } from "./check.ts";
import { nameTable } from "../../base/nameTable.ts";

const FIX = "Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or a key under providers in openclaw.yml";

export const models: Check = {
  name: "Models",
  async run(checkup) {
    const ready = (await readyModels(checkup)) ?? (await keyedProviders(checkup));
    const first =
      ready.size > 0
        ? ok(`ready: ${[...ready].map(([id, key]) => (key ? `${id} (key: ${toWords(key)})` : id)).join(", ")}`)
        : warning("no provider is ready; only the scripted offline/demo answers", FIX);
    const unheld = (await budgetProblem(checkup)) ?? [];
    return [first, ...unusedKeys(checkup), ...unheld, ...(await strangeBudgets(checkup))];
  },
};

type Ready = Map<string, KeySource | null>;

/** Providers with a model that is ready, as the running gateway sees it. */
async function readyModels({ client }: Checkup): Promise<Ready | undefined> {
  try {
    const answer = await client?.get("models.list");
    if (!client || !answer) return undefined;
    const ready = answer.models.filter((model) => model.ready && model.provider !== "offline");
    const { providers } = await client.get("models.providers");
    const keyOf = new Map(providers.map(({ id, key }) => [id, key]));
    return new Map(ready.map(({ provider }) => [provider, keyOf.get(provider) ?? null]));
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

/** Budgets for models that nobody lists, as the running gateway sees it. */
async function strangeBudgets({ client }: Checkup): Promise<Finding[]> {
  try {
    const { budgets = [] } = (await client?.get("usage.cost", { days: 1 })) ?? {};
    const fix = "Correct the name under agent.modelBudgets in openclaw.yml";
    return budgets.flatMap(({ note }) => (note === undefined ? [] : [warning(note, fix)]));
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

const ENV_KEYS = nameTable<string[]>({
  anthropic: ["ANTHROPIC_API_KEY"],
  openai: ["OPENAI_API_KEY"],
  google: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
});

async function keyedProviders({ config, env, stateDir }: Checkup): Promise<Ready> {
  const secrets = openSecrets(stateDir);
  const found: Ready = new Map();
  for (const id of new Set([...Object.keys(config.providers), ...Object.keys(ENV_KEYS)])) {
    const key = await findProviderKey({
      configured: config.providers[id]?.apiKey,
      stored: async () => secrets.get(`${id}.apiKey`),
      envKeys: ENV_KEYS[id] ?? [],
      env,
      isForeign: config.foreignProviders?.includes(id),
    });
    // A server of one's own may need none.
    if (key || config.providers[id]?.api !== undefined) found.set(id, key?.source ?? null);
  }
  return found;
}

/** Keys that are there and have no effect, because openclaw.yml names another. */
function unusedKeys({ config, env, stateDir }: Checkup): Finding[] {
  const secrets = openSecrets(stateDir);
  return Object.entries(config.providers).flatMap(([id, provider]) => {
    const used = provider?.apiKey;
    if (!used) return [];
    const others = [
      ...(isOther(secrets.get(`${id}.apiKey`), used) ? ["the one in secrets.json"] : []),
      ...(ENV_KEYS[id] ?? []).filter((name) => isOther(env[name], used)),
    ];
    if (others.length === 0) return [];
    const fix = `Remove providers.${id}.apiKey from openclaw.yml if the other one is meant`;
    return [warning(`${id}: the key in openclaw.yml is used, ${others.join(" and ")} is not`, fix)];
  });
}

function isOther(key: string | undefined, used: string): boolean {
  return Boolean(key) && key !== used;
}

function toWords({ from, name }: KeySource): string {
  return from === "environment" ? name! : from;
}
