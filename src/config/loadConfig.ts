import { defined } from "../base/defined.ts";
import { homeFolder } from "../base/files/homeFolder.ts";
import { dirname, resolve } from "node:path";
import { checkConfig, checkWorkspace } from "./checkConfig.ts";
import type { Env } from "./expandEnv.ts";
import { issueFindings } from "./issueFindings.ts";
import { type ConfigProblem, type Finding, type Path, toKey } from "./configProblem.ts";
import { readTree, type Tree } from "./readTree.ts";
import { type Config, type ConfigInput, configSchema } from "./configSchema.ts";

export interface LoadedConfig {
  /** Absent when any problem is an error. */
  config?: Config;
  /** What the file itself says, without defaults; there whenever `config` is. */
  given?: ConfigInput;
  /** In the order of the file. */
  problems: ConfigProblem[];
}

export interface LoadOptions {
  /** What ${NAME} stands for; without it nothing is put in its place, as in a workspace's file. */
  env: Env | undefined;
  /** Names of providers that another file sets up. */
  providers?: string[];
  /** What else there is to say of what the file gives. */
  check?: (given: ConfigInput) => Finding[];
}

/** Reads the text of one openclaw.yml. `file` names it in problems, and relative paths in it start from its folder. */
export function loadConfig(text: string, file: string, options: LoadOptions): LoadedConfig {
  const tree = options.env === undefined ? readLiterally(text) : readTree(text, options.env);
  if (tree.syntax) {
    const { span, message, suggestion } = tree.syntax;
    return {
      problems: [{ severity: "error", file, ...span, key: "", message, ...defined({ suggestion }) }],
    };
  }
  const { config, given, findings } = validate(tree, options.providers ?? []);
  const all = [
    ...tree.findings,
    ...findings,
    ...(options.env === undefined ? checkWorkspace(given) : []),
    ...(config ? (options.check?.(given) ?? []) : []),
  ];
  const problems = shorten(
    all.map((finding) => toProblem(finding, tree, file)).sort((a, b) => a.line - b.line || a.column - b.column),
  );
  if (!config || problems.some((problem) => problem.severity === "error")) return { problems };
  return { config: withAbsolutePaths(config, dirname(resolve(file)), options.env === undefined), given, problems };
}

const MOST_KEPT = 4;
const kept = new Map<string, Tree>();

/** Whoever wrote a workspace's file may have made it slow to read, and it is read over and over: each text is once. */
function readLiterally(text: string): Tree {
  const tree = kept.get(text) ?? readTree(text, undefined);
  kept.delete(text);
  kept.set(text, tree);
  for (const old of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(old);
  return tree;
}

function validate(tree: Tree, providers: string[]): { config?: Config; given: ConfigInput; findings: Finding[] } {
  let value: unknown = tree.value ?? {};
  let result = configSchema.safeParse(value);
  if (!result.success) {
    value = retype(value, result.error.issues, tree);
    result = configSchema.safeParse(value);
  }
  const given = value as ConfigInput;
  if (result.success) return { config: result.data, given, findings: checkConfig(result.data, providers) };
  const known = new Set(tree.findings.map((finding) => toKey(finding.path)));
  const findings = result.error.issues
    .flatMap((issue) => issueFindings(issue, value))
    .filter((finding) => !known.has(toKey(finding.path)));
  return { given, findings };
}

/** Gives what the file could not say its type: a section left empty, and a number or a boolean out of the environment. */
function retype(root: unknown, issues: readonly { code?: string; path: PropertyKey[] }[], tree: Tree): unknown {
  const copy = structuredClone(root);
  for (const issue of issues) {
    const path = issue.path as Path;
    if (issue.code !== "invalid_type" || path.length === 0) continue;
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((value, part) => (value as Record<string | number, unknown>)[part], copy);
    const holder = parent as Record<string | number, unknown>;
    const last = path.at(-1)!;
    const { expected } = issue as { expected?: string };
    if (holder[last] === null && (expected === "object" || expected === "record")) holder[last] = {};
    else if (holder[last] === null && expected === "array") holder[last] = [];
    else if (tree.isFromEnv(path)) holder[last] = fromEnvText(holder[last], expected);
  }
  return copy;
}

function fromEnvText(value: unknown, expected: string | undefined): unknown {
  if (typeof value !== "string") return value;
  if (expected === "boolean") return value === "true" ? true : value === "false" ? false : value;
  const isNumber = (expected === "number" || expected === "int") && value.trim() !== "";
  return isNumber && Number.isFinite(Number(value)) ? Number(value) : value;
}

// A screenful; who mends these sees the next.
const MOST_PROBLEMS = 20;

function shorten(problems: ConfigProblem[]): ConfigProblem[] {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length <= MOST_PROBLEMS) return problems;
  const last = errors[MOST_PROBLEMS - 1]!;
  const more = errors.length - MOST_PROBLEMS;
  return [...errors.slice(0, -more - 1), { ...last, message: `${last.message}; and ${more} more errors` }];
}

function toProblem(finding: Finding, tree: Tree, file: string): ConfigProblem {
  const { severity = "error", path, message, suggestion, code } = withoutSecrets(finding, tree);
  const span = finding.span ?? tree.spanOf(path, finding.about);
  return { severity, file, ...span, key: toKey(path), message, ...defined({ suggestion, code }) };
}

/** A message that would quote what came out of the environment says where it came from instead. */
function withoutSecrets(finding: Finding, tree: Tree): Finding {
  const said = `${finding.message}\0${finding.suggestion ?? ""}`;
  const name = tree.envNames().find((each) => quotes(said, tree.envValue(each)));
  if (name === undefined) return finding;
  const { suggestion: _, ...rest } = finding;
  return { ...rest, message: `What the environment variable ${name} holds does not fit here` };
}

/** Whether a text holds a telling part of a value: any eight characters of it, or all when it is shorter. */
function quotes(said: string, value: string): boolean {
  const length = Math.min(8, value.length);
  if (length < 3) return false;
  for (let start = 0; start + length <= value.length; start += 1)
    if (said.includes(value.slice(start, start + length))) return true;
  return false;
}

function withAbsolutePaths(config: Config, folder: string, isWorkspace: boolean): Config {
  const toPath = (path: string) => resolve(folder, path.replace(/^~(?=$|[/\\])/, homeFolder()));
  const { tls } = config.gateway;
  const { executablePath } = config.browser;
  const channels = withFolders(config.channels, toPath);
  const { telegram } = channels;
  const { certificate } = telegram?.webhook ?? {};
  return {
    ...config,
    gateway: {
      ...config.gateway,
      ...(typeof tls === "object" ? { tls: { cert: toPath(tls.cert), key: toPath(tls.key) } } : {}),
    },
    channels: {
      ...channels,
      ...(telegram?.webhook && certificate !== undefined
        ? { telegram: { ...telegram, webhook: { ...telegram.webhook, certificate: toPath(certificate) } } }
        : {}),
    },
    browser: { ...config.browser, ...(executablePath ? { executablePath: toPath(executablePath) } : {}) },
    mcp: {
      servers: Object.fromEntries(
        Object.entries(config.mcp.servers).map(([name, server]) => [
          name,
          // A workspace's program works in that workspace: it is confirmed for that folder.
          server.command === undefined
            ? server
            : {
                ...server,
                command: /^~[/\\]/.test(server.command) ? toPath(server.command) : server.command,
                ...(server.cwd === undefined && !isWorkspace ? {} : { cwd: toPath(server.cwd ?? ".") }),
              },
        ]),
      ),
    },
    cron: config.cron.map((job) => (job.workspace ? { ...job, workspace: toPath(job.workspace) } : job)),
    hooks: {
      beforeTool: config.hooks.beforeTool.map((hook) => withProgram(hook, toPath)),
      afterTool: config.hooks.afterTool.map((hook) => withProgram(hook, toPath)),
      runFinished: config.hooks.runFinished.map((hook) => withProgram(hook, toPath)),
      messageReceived: config.hooks.messageReceived.map((hook) => withProgram(hook, toPath)),
    },
    webhooks: Object.fromEntries(
      Object.entries(config.webhooks).map(([name, hook]) => [
        name,
        hook.workspace ? { ...hook, workspace: toPath(hook.workspace) } : hook,
      ]),
    ),
  };
}

/** The folders of chats, as those of jobs. */
function withFolders(channels: Config["channels"], toPath: (path: string) => string): Config["channels"] {
  const whole = <T extends { workspace?: string | undefined }>(chat: T): T =>
    chat.workspace === undefined ? chat : { ...chat, workspace: toPath(chat.workspace) };
  const all = <T extends { chats: Record<string, { workspace?: string | undefined }> }>(network: T): T => ({
    ...network,
    chats: Object.fromEntries(Object.entries(network.chats).map(([id, chat]) => [id, whole(chat)])),
  });
  return Object.fromEntries(
    Object.entries(channels).map(([id, network]) => [id, network && all(network)]),
  ) as Config["channels"];
}

/** A program that is named by a path: relative to the file, or from the home folder. A bare name is looked up. */
function withProgram<T extends { command?: string | string[] | undefined }>(
  hook: T,
  toPath: (path: string) => string,
): T {
  if (!Array.isArray(hook.command)) return hook;
  const [file = "", ...args] = hook.command;
  return /[/\\]/.test(file) ? { ...hook, command: [toPath(file), ...args] } : hook;
}
