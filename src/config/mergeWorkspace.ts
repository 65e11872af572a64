import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { defined } from "../base/defined.ts";
import { realPath } from "../base/files/realPath.ts";
import { isSecretVariable } from "../base/text/secretField.ts";
import type { Config, ConfigInput } from "./configSchema.ts";

/** One thing that a workspace's file asks for beyond what the user allowed. */
interface WiderChange {
  /** Dotted path, as in "providers.local". */
  key: string;
  /** What it would become, for people to read; secrets are left out. */
  value: string;
}

export interface Confirmation {
  file: string;
  /** Names exactly these changes of this file: any edit of one makes another hash, as does another folder, and is asked again. */
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
  { file, confirmed }: { file: string; confirmed: ReadonlySet<string> },
): MergedConfig {
  const narrowed = { ...user, ...narrow(user, given, loaded) };
  const wider = widerKeys(user, given);
  if (wider.length === 0) return { config: narrowed };
  const changes = wider.map((path) => ({ path, value: valueAt(loaded, path) }));
  // By its path: the number of its disk may be another one after each start of the machine.
  const hash = createHash("sha256")
    .update(toCanonical({ folder: realPath(dirname(file)), changes }))
    .digest("hex");
  if (!confirmed.has(hash)) {
    return {
      config: narrowed,
      needsConfirmation: { file, hash, changes: changes.map(({ path, value }) => toShown(path, value)) },
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

/** What narrows of the file of a further folder: no model, no instructions, nothing wider. */
export function narrowMore(before: Config, given: ConfigInput, loaded: Config): Config {
  const { instructions: _, ...agent } = given.agent ?? {};
  return { ...before, ...narrow(before, { agent }, loaded) };
}

/** What of such a file has no effect, as paths. */
export function leftOut(before: Config, given: ConfigInput): string[] {
  const { model, fallbacks, agent } = given;
  const choices = { model, fallbacks, "agent.instructions": agent?.instructions };
  return [
    ...widerKeys(before, given).map((path) => path.join(".")),
    ...Object.entries(choices).flatMap(([key, value]) => (value === undefined ? [] : [key])),
  ];
}

/** Budgets of models that are above the user's, as paths: these stay as they are. */
export function raisedBudgets(user: Config, given: ConfigInput): string[][] {
  const [own, before] = [given.agent?.modelBudgets ?? {}, user.agent.modelBudgets];
  const isAbove = (name: string, key: "dayUsd" | "dayTokens") =>
    Object.hasOwn(before, name) && (own[name]?.[key] ?? 0) > (before[name]?.[key] ?? Infinity);
  return Object.keys(own).flatMap((name) =>
    isAbove(name, "dayUsd") || isAbove(name, "dayTokens") ? [["agent", "modelBudgets", name]] : [],
  );
}

/** Lists whose entries come on top of the user's. */
function isAdded(path: string[]): boolean {
  return ["cron", "agent.rules"].includes(path.join("."));
}

function toShown(path: string[], value: unknown): WiderChange {
  const key = path.join(".");
  return { key, value: toCanonical(key === "gateway.token" ? SECRET : withoutSecrets(value)) };
}

const SECRET = "[redacted]";

/** Without what the schema keeps a secret in. All else is shown as it is, whatever it is called or looks like: it is what is allowed. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => {
      if (key === "headers" || key === "env")
        return [key, withoutKeys(item, key === "headers" ? () => true : isSecretVariable)];
      const isSecret = typeof item === "string" && ["apiKey", "token", "password", "clientSecret"].includes(key);
      return [key, isSecret ? SECRET : withoutSecrets(item)];
    }),
  );
}

/** Single words under these names are secrets; a command or a path is none. */
function withoutKeys(record: unknown, isSecret: (name: string) => boolean): unknown {
  if (typeof record !== "object" || record === null) return record;
  return Object.fromEntries(
    Object.entries(record).map(([name, item]: [string, unknown]) => [
      name,
      isSecret(name) && /^(?:\w+ )?[\w.~+=:-]+$/.test(String(item)) ? SECRET : item,
    ]),
  );
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

/** Everything the file gives that is not a narrowing, as paths: what lets the agent do more comes first, as it is read. */
function widerKeys(user: Config, given: ConfigInput): string[][] {
  const { tokens = {}, ...gateway } = given.gateway ?? {};
  const keysOf = (section: string, keys: object | undefined) => Object.keys(keys ?? {}).map((key) => [section, key]);
  const own = given.agent ?? {};
  const paths: string[][] = [];
  if (own.approvals !== undefined && isStricter(user.agent.approvals, own.approvals))
    paths.push(["agent", "approvals"]);
  if (own.sandbox !== undefined && isTighter(user.agent.sandbox, own.sandbox)) paths.push(["agent", "sandbox"]);
  if (own.rules?.some((rule) => rule.allow !== undefined)) paths.push(["agent", "rules"]);
  for (const key of LIMITS) {
    const limit = user.agent[key];
    if (own[key] !== undefined && limit !== undefined && own[key] > limit) paths.push(["agent", key]);
  }
  if (given.cron?.length) paths.push(["cron"]);
  // A provider is taken as a whole, so that the user's key never meets the workspace's address.
  const asked = [
    ...Object.keys(given.mcp?.servers ?? {}).map((name) => ["mcp", "servers", name]),
    ...keysOf("gateway", gateway),
    ...Object.keys(tokens).map((name) => ["gateway", "tokens", name]),
    ...keysOf("browser", given.browser),
    ...keysOf("audit", given.audit),
    ...keysOf("providers", given.providers),
    ...keysOf("prices", given.prices),
  ].filter((path) => !NEVER.includes(path.join(".")));
  for (const path of asked) {
    const value = valueAt(given, path);
    if (value !== undefined && toCanonical(value) !== toCanonical(valueAt(user, path))) paths.push(path);
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
