import { defined } from "../base/defined.ts";
import { nearest } from "../base/input/nearest.ts";
import type { Finding, Path } from "./configProblem.ts";
import { type Config, type ConfigInput, NAMED_PROVIDERS } from "./configSchema.ts";
import { OWN_TOKEN } from "./agentSettings.ts";
import { bindFaults, remoteFaults } from "../net/bindRules.ts";
import { checkToken } from "../net/tokenStrength.ts";
import { checkHooks } from "./checkHooks.ts";

/** What a schema cannot say: how values fit together, and whether names mean something. `providers` are set up elsewhere. */
export function checkConfig(config: Config, providers: string[]): Finding[] {
  return [
    ...checkGateway(config),
    ...checkProviders(config),
    ...checkModels(config, providers),
    ...checkBudgets(config),
    ...checkJobNames(config.cron),
    ...checkHooks(config),
  ];
}

/** What a workspace's file says in vain. */
export function checkWorkspace(given: ConfigInput): Finding[] {
  const findings: Finding[] = [];
  if (given.browser?.credentials !== undefined) {
    const message =
      "A workspace's file gives no names and passwords: these are not used. Put them into your own openclaw.yml";
    findings.push({ severity: "warning", path: ["browser", "credentials"], message });
  }
  if (given.gateway?.remote !== undefined) {
    const message =
      "A workspace's file opens no door: its page for phones is not served. Put gateway.remote into your own openclaw.yml";
    findings.push({ severity: "warning", path: ["gateway", "remote"], message });
  }
  if (given.channels !== undefined) {
    const message = "A workspace's file opens no door: its channels are not run. Put them into your own openclaw.yml";
    findings.push({ severity: "warning", path: ["channels"], message });
  }
  if (given.webhooks !== undefined) {
    const message =
      "A workspace's file opens no door: its webhooks are not served. Put them into your own openclaw.yml";
    findings.push({ severity: "warning", path: ["webhooks"], message });
  }
  if (given.search !== undefined) {
    const message =
      "A workspace's file chooses no search engine: it is not asked. Put search: into your own openclaw.yml";
    findings.push({ severity: "warning", path: ["search"], message });
  }
  if (given.hooks !== undefined) {
    const message = "A workspace's file starts nothing: its hooks are not called. Put them into your own openclaw.yml";
    findings.push({ severity: "warning", path: ["hooks"], message });
  }
  for (const section of ["telemetry", "retention", "checkpoints", "worktrees"] as const) {
    if (given[section] === undefined) continue;
    const message = `A workspace's file does not say what is kept or told: this has no effect. Put ${section}: into your own openclaw.yml`;
    findings.push({ severity: "warning", path: [section], message });
  }
  return findings;
}

function checkGateway({ gateway }: Config): Finding[] {
  const findings: Finding[] = [];
  const tokens: [Path, string][] = Object.entries(gateway.tokens).map(([name, entry]) => [
    ["gateway", "tokens", name, "token"],
    entry.token,
  ]);
  if (Object.hasOwn(gateway.tokens, OWN_TOKEN)) {
    const message = `"${OWN_TOKEN}" is what the gateway's own token is called, which may do all; choose another name`;
    findings.push({ path: ["gateway", "tokens", OWN_TOKEN], about: "key", message });
  }
  if (gateway.token !== undefined) tokens.unshift([["gateway", "token"], gateway.token]);
  for (const [path, token] of tokens) {
    const fault = checkToken(token);
    if (fault) findings.push({ path, ...fault });
  }
  for (const [index, [path, token]] of tokens.entries()) {
    if (tokens.slice(0, index).some(([, other]) => other === token))
      findings.push({ path, message: "Another token has this same value" });
  }
  const named = tokens.map(([path, value]) => ({ name: path.length > 2 ? String(path[2]) : OWN_TOKEN, value }));
  for (const message of bindFaults({ host: gateway.host, tls: gateway.tls !== undefined, tokens: named }))
    findings.push({ path: ["gateway", "host"], message });
  const remote = { host: gateway.host, tls: gateway.tls !== undefined, remote: gateway.remote === "on" };
  for (const message of remoteFaults(remote)) findings.push({ path: ["gateway", "remote"], message });
  return findings;
}

/** What tells the jobs of a file apart: it finds them again by name after every reload. */
function checkJobNames(cron: Config["cron"]): Finding[] {
  return cron.flatMap(({ name }, index): Finding[] => {
    if (cron.findIndex((other) => other.name === name) === index) return [];
    const message = `Another job is named "${name}"; names tell jobs of this file apart`;
    return [{ path: ["cron", index, "name"], message }];
  });
}

function checkProviders({ providers }: Config): Finding[] {
  return Object.entries(providers).flatMap(([name, provider]): Finding[] => {
    if (!provider) return [];
    const path = ["providers", name];
    if (NAMED_PROVIDERS.includes(name)) {
      if (provider.api)
        return [{ path: [...path, "api"], message: `${name} always speaks its own protocol; remove this key` }];
      return [];
    }
    if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name))
      return [{ path, message: `"${name}" cannot be part of a model id; use letters, digits, . _ and -` }];
    if (BUILT_IN.includes(name))
      return [{ path, message: `"${name}" is built in and cannot be set up here; choose another name` }];
    const missing = (["api", "baseUrl"] as const).filter((key) => provider[key] === undefined);
    if (missing.length === 0) return [];
    const suggestion = nearest(name, NAMED_PROVIDERS);
    const hint = suggestion ? `; did you mean "${suggestion}"?` : "";
    const needs = `A provider of your own needs ${missing.map((key) => (key === "api" ? "api: openai-chat" : key)).join(" and ")}${hint}`;
    return [{ path, message: needs, ...defined({ suggestion }) }];
  });
}

/** Providers that are there without being set up: the editor's models, and the scripted one. */
const BUILT_IN = ["vscode", "offline"];

function checkModels(config: Config, providers: string[]): Finding[] {
  const known = [...new Set([...NAMED_PROVIDERS, ...BUILT_IN, ...providers, ...Object.keys(config.providers)])];
  const used: [Path, string | undefined][] = [
    [["model"], config.model],
    ...config.fallbacks.map((id, index): [Path, string] => [["fallbacks", index], id]),
    ...Object.keys(config.prices).map((id): [Path, string] => [["prices", id], id]),
    // A ceiling under a wrong name would hold nothing.
    ...Object.keys(config.agent.modelBudgets).map((id): [Path, string] => [["agent", "modelBudgets", id], id]),
    ...config.cron.map((job, index): [Path, string | undefined] => [["cron", index, "model"], job.model]),
  ];
  return used.flatMap(([path, id]) => (id === undefined ? [] : checkModel(path, id, known)));
}

/** A ceiling for a model that its server, which names its models here, does not name: it may hold nothing. */
function checkBudgets({ agent, providers }: Config): Finding[] {
  return Object.keys(agent.modelBudgets).flatMap((id): Finding[] => {
    const provider = id.slice(0, id.indexOf("/"));
    const models = Object.hasOwn(providers, provider) ? providers[provider]?.models : undefined;
    const listed = models?.map((name) => `${provider}/${name}`) ?? [];
    if (listed.length === 0 || listed.includes(id)) return [];
    const suggestion = nearest(id, listed);
    const hint = suggestion ? `; did you mean "${suggestion}"?` : "";
    const message = `"${id}" is none of the models of providers.${provider}: where there is none, this budget holds nothing${hint}`;
    return [
      { severity: "warning", path: ["agent", "modelBudgets", id], about: "key", message, ...defined({ suggestion }) },
    ];
  });
}

function checkModel(path: Path, id: string, known: string[]): Finding[] {
  const slash = id.indexOf("/");
  if (slash === -1) {
    const message = `"${id}" is not a model id; write provider/model, as in anthropic/claude-sonnet-5-5`;
    return /^(claude|gpt|gemini)-[\w.:-]+$/.test(id) ? [] : [{ path, message }];
  }
  const provider = id.slice(0, slash);
  if (id.length === slash + 1 || /\s/.test(id))
    return [{ path, message: `"${id}" names no model; write provider/model` }];
  // Prices may be noted for models that are not set up.
  if (known.includes(provider) || path[0] === "prices") return [];
  const meant = nearest(provider, known);
  const suggestion = meant && `${meant}${id.slice(slash)}`;
  const about = path.at(-1) === id ? { about: "key" as const } : {};
  return [
    suggestion
      ? { path, ...about, message: `No provider is named "${provider}"; did you mean "${suggestion}"?`, suggestion }
      : { path, ...about, message: `No provider is named "${provider}"; set it up under providers` },
  ];
}
