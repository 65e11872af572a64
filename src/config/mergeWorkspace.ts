import { createHash } from "node:crypto";
import { defined } from "../base/defined.ts";
import { createRedactor } from "../base/redact.ts";
import type { Config, ConfigInput } from "./configSchema.ts";

/** One thing that a workspace's file asks for beyond what the user allowed. */
interface WiderChange {
  /** Dotted path, as in "providers.local". */
  key: string;
  /** What it would become, for people to read; secrets are left out. */
  value: string;
}

export interface Confirmation {
  /** Names exactly these changes: any edit of one makes another hash, and is asked again. */
  hash: string;
  changes: WiderChange[];
}

export interface MergedConfig {
  config: Config;
  /** There when the file asks for more than is in force. Nothing of it is in `config`. */
  needsConfirmation?: Confirmation;
}

/**
 * The user's configuration under a workspace's file. What narrows it holds at once: tools taken away, stricter approvals,
 * lower limits, more instructions, another model. All else waits until the user confirms that exact content.
 */
export function mergeWorkspace(
  user: Config,
  given: ConfigInput,
  loaded: Config,
  confirmed: ReadonlySet<string>,
): MergedConfig {
  const narrowed = { ...user, ...narrow(user, given, loaded) };
  const wider = widerKeys(user, given);
  if (wider.length === 0) return { config: narrowed };
  const changes = wider.map((path) => ({ path, value: valueAt(loaded, path) }));
  const hash = createHash("sha256").update(toCanonical(changes)).digest("hex");
  if (!confirmed.has(hash)) {
    return {
      config: narrowed,
      needsConfirmation: { hash, changes: changes.map(({ path, value }) => toShown(path, value)) },
    };
  }
  const widened = structuredClone(narrowed);
  for (const { path, value } of changes)
    setAt(widened, path, isAdded(path) ? [...(valueAt(user, path) as unknown[]), ...(value as unknown[])] : value);
  const foreign = Object.keys(widened.providers).filter(
    (id) => widened.providers[id]?.baseUrl !== user.providers[id]?.baseUrl,
  );
  return { config: foreign.length === 0 ? widened : { ...widened, foreignProviders: foreign } };
}

/** Lists whose entries come on top of the user's. */
function isAdded(path: string[]): boolean {
  return ["cron", "agent.rules"].includes(path.join("."));
}

function toShown(path: string[], value: unknown): WiderChange {
  const key = path.at(-1)!;
  const clean = createRedactor().value({ [key]: value }) as Record<string, unknown>;
  return { key: path.join("."), value: toCanonical(clean[key]) };
}

function narrow(user: Config, given: ConfigInput, loaded: Config): Pick<Config, "agent"> & Partial<Config> {
  const own = given.agent ?? {};
  const { agent } = user;
  const allow = own.tools?.allow;
  return {
    ...defined({ model: given.model, fallbacks: given.fallbacks }),
    agent: {
      ...agent,
      ...(own.instructions
        ? { instructions: [agent.instructions, own.instructions].filter(Boolean).join("\n\n") }
        : {}),
      instructionFiles: agent.instructionFiles && loaded.agent.instructionFiles,
      skills: agent.skills && loaded.agent.skills,
      tools: {
        deny: [...new Set([...agent.tools.deny, ...loaded.agent.tools.deny])],
        ...(allow
          ? { allow: allow.filter((name) => agent.tools.allow?.includes(name) ?? true) }
          : agent.tools.allow
            ? { allow: agent.tools.allow }
            : {}),
      },
      approvals: isStricter(own.approvals, agent.approvals) ? own.approvals : agent.approvals,
      rules: [...agent.rules, ...loaded.agent.rules.filter((rule) => rule.deny !== undefined)],
      sandbox: isTighter(own.sandbox, agent.sandbox) ? own.sandbox : agent.sandbox,
      ...lowest(agent, own),
      modelBudgets: lowestOfModels(agent.modelBudgets, loaded.agent.modelBudgets),
    },
  };
}

const LIMITS = [
  "maxSteps",
  "maxDepth",
  "maxRunning",
  "maxRuns",
  "maxChain",
  "approvalTimeoutSeconds",
  "budgetUsd",
  "budgetTokens",
  "sessionBudgetUsd",
  "sessionBudgetTokens",
  "jobBudgetUsd",
  "jobBudgetTokens",
  "dayBudgetUsd",
  "dayBudgetTokens",
] as const;

type Limits = Partial<Pick<Config["agent"], (typeof LIMITS)[number]>>;

function lowest(user: Config["agent"], own: Limits): Limits {
  const entries = LIMITS.filter((key) => own[key] !== undefined).map((key) => [
    key,
    Math.min(own[key]!, user[key] ?? Infinity),
  ]);
  return Object.fromEntries(entries) as Limits;
}

type ModelBudgets = Config["agent"]["modelBudgets"];

function lowestOfModels(user: ModelBudgets, own: ModelBudgets): ModelBudgets {
  const least = (a: number | undefined, b: number | undefined) => Math.min(a ?? Infinity, b ?? Infinity);
  const merged = Object.entries(own).map(([name, { dayUsd, dayTokens }]) => {
    const before = Object.hasOwn(user, name) ? user[name]! : {};
    const lower = { dayUsd: least(before.dayUsd, dayUsd), dayTokens: least(before.dayTokens, dayTokens) };
    return [name, Object.fromEntries(Object.entries(lower).filter(([, value]) => value < Infinity))] as const;
  });
  return { ...user, ...Object.fromEntries(merged) };
}

type Approvals = Config["agent"]["approvals"];

const STRICTEST_FIRST: Approvals[] = ["deny", "ask", "auto-safe", "auto"];

function isStricter(mode: Approvals | undefined, than: Approvals): mode is Approvals {
  return mode !== undefined && STRICTEST_FIRST.indexOf(mode) < STRICTEST_FIRST.indexOf(than);
}

type SandboxMode = Config["agent"]["sandbox"];

const TIGHTEST_FIRST: SandboxMode[] = ["required", "auto", "off"];

function isTighter(mode: SandboxMode | undefined, than: SandboxMode): mode is SandboxMode {
  return mode !== undefined && TIGHTEST_FIRST.indexOf(mode) < TIGHTEST_FIRST.indexOf(than);
}

/** What no workspace's file gives, whoever confirms it: names and passwords are the user's, and so is who comes in from outside. */
const NEVER = ["browser.credentials", "gateway.remote"];

/** Everything the file gives that is not a narrowing, as paths. */
function widerKeys(user: Config, given: ConfigInput): string[][] {
  const paths: string[][] = [];
  const { tokens = {}, ...gateway } = given.gateway ?? {};
  const sections = {
    gateway,
    providers: given.providers,
    prices: given.prices,
    browser: given.browser,
    audit: given.audit,
  };
  const asked = Object.entries(sections).flatMap(([section, keys]) =>
    Object.keys(keys ?? {})
      .map((key) => [section, key])
      .filter((path) => !NEVER.includes(path.join("."))),
  );
  // A provider is taken as a whole, so that the user's key never meets the workspace's address.
  const named = [
    ...Object.keys(tokens).map((name) => ["gateway", "tokens", name]),
    ...Object.keys(given.mcp?.servers ?? {}).map((name) => ["mcp", "servers", name]),
  ];
  for (const path of [...asked, ...named]) {
    const value = valueAt(given, path);
    if (value !== undefined && toCanonical(value) !== toCanonical(valueAt(user, path))) paths.push(path);
  }
  if (given.cron?.length) paths.push(["cron"]);
  const own = given.agent ?? {};
  if (own.approvals !== undefined && isStricter(user.agent.approvals, own.approvals))
    paths.push(["agent", "approvals"]);
  if (own.rules?.some((rule) => rule.allow !== undefined)) paths.push(["agent", "rules"]);
  if (own.sandbox !== undefined && isTighter(user.agent.sandbox, own.sandbox)) paths.push(["agent", "sandbox"]);
  for (const key of LIMITS) {
    const limit = user.agent[key];
    if (own[key] !== undefined && limit !== undefined && own[key] > limit) paths.push(["agent", key]);
  }
  return paths;
}

function toCanonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) => {
      if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
      return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? "undefined"
  );
}

function valueAt(root: unknown, path: string[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], root);
}

function setAt(root: Config, path: string[], value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1)) as Record<string, unknown>;
  parent[path.at(-1)!] = value;
}
