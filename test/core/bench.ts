import { realPath } from "../../src/base/files/realPath.ts";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import * as z from "zod";
import type { Clock } from "../../src/base/clock.ts";
import { createOutFileStore } from "../../src/base/files/outFileStore.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { createCore, type RunningCore } from "../../src/core/createCore.ts";
import type { ProviderEntry } from "../../src/core/models/catalog.ts";
import type { FileBytes } from "../../src/core/ports/folders.ts";
import type { Rule } from "../../src/protocol/rule.ts";
import type { Worktrees } from "../../src/core/ports/worktrees.ts";
import type { AgentFiles } from "../../src/core/ports/context/agentFiles.ts";
import type { PromptFiles } from "../../src/core/ports/context/promptFiles.ts";
import type { ChannelSettings } from "../../src/core/ports/outside/channelDesk.ts";
import type { Hooks } from "../../src/core/ports/outside/hooks.ts";
import type { SkillFiles } from "../../src/core/ports/context/skillFiles.ts";
import type { InstructionFiles } from "../../src/core/ports/context/instructionFiles.ts";
import type { Checkpoints } from "../../src/core/ports/checkpoints.ts";
import type { Files } from "../../src/core/ports/files.ts";
import type { CodeKnowledge } from "../../src/core/ports/codeKnowledge.ts";
import type { Browser } from "../../src/core/ports/browserPort.ts";
import type { AgentSettings } from "../../src/core/ports/settings.ts";
import type { Store } from "../../src/core/ports/store.ts";
import type { McpServers } from "../../src/core/ports/mcpServers.ts";
import type { WatchFiles } from "../../src/core/ports/watchedFiles.ts";
import type { Webhooks } from "../../src/core/ports/outside/webhooks.ts";
import { defineTool, type Tool } from "../../src/core/ports/tool.ts";
import type { GatewayEvent, RunEvent } from "../../src/protocol/event.ts";
import { isRunEvent } from "../../src/protocol/eventKind.ts";
import { openNewStore } from "../store/newStore.ts";
import { createScriptedProvider, type ScriptedProvider, type Turn } from "../fakes/scriptedProvider.ts";

/** A whole core over a real store in a temporary folder, with a model that follows a script. */
export interface Bench {
  core: RunningCore;
  store: Store;
  model: ScriptedProvider;
  settings: AgentSettings;
  events: GatewayEvent[];
  /** The workspace. */
  folder: string;
  /** The store's file, which lies beside the workspace as a state folder does. */
  storePath: string;
  /** Closes this core and opens another over the same file, as after a restart. */
  restart(turns?: Turn[]): Promise<Bench>;
  /** Leaves this core as a killed process leaves it, and opens another over the same file. */
  kill(turns?: Turn[]): Promise<Bench>;
}

export interface BenchOptions {
  turns?: Turn[];
  tools?: Tool[];
  clock?: Clock;
  windowTokens?: number;
  settings?: Partial<AgentSettings>;
  folder?: string;
  browser?: Browser;
  code?: CodeKnowledge;
  checkpoints?: Checkpoints;
  files?: Files;
  agentFiles?: AgentFiles;
  skillFiles?: SkillFiles;
  hooks?: Hooks;
  promptFiles?: PromptFiles;
  instructionFiles?: InstructionFiles;
  worktrees?: Worktrees;
  webhooks?: Webhooks;
  servers?: McpServers;
  keepRule?: (rule: Rule, mayWrite: () => Promise<void>) => Promise<void>;
  dropRule?: (rule: Rule) => Promise<void>;
  fileBytes?: FileBytes;
  watchFiles?: WatchFiles;
  redact?: (text: string) => string;
  holdsSecret?: (data: Buffer) => Promise<boolean>;
  channels?: () => ChannelSettings[];
  /** Works on no runs and fires no jobs. */
  idle?: boolean;
  /** What its store gives is seen by this first. */
  seeStore?: (store: Store) => Store;
  /** Further providers, after the one that follows `turns`. */
  others?: ProviderEntry[];
}

export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "pincer-core-"));
  const clock = options.clock ?? systemClock;
  const stateDir = `${folder}.state`;
  mkdirSync(stateDir, { recursive: true });
  const storePath = join(stateDir, "pincer.db");
  const opened = await openNewStore({ path: storePath, clock, log: silentLog });
  const store = options.seeStore?.(opened) ?? opened;
  const model = createScriptedProvider(options.turns, { windowTokens: options.windowTokens });
  const settings: AgentSettings = {
    fallbacks: [],
    maxSteps: 10,
    tools: { deny: [] },
    approvals: "ask",
    approvalTimeoutMs: 60_000,
    prices: {},
    ...options.settings,
  };
  const worker = randomUUID();
  const queue = opened.queue(worker);
  const core = await createCore({
    store,
    queue,
    clock,
    log: silentLog,
    settings: () => settings,
    configuration: () => ({}),
    providers: () => [model, ...(options.others ?? [])],
    tools: options.tools ?? [add, note],
    files: options.files ?? {
      readText: async () => ({ text: "", encoding: "utf-8" }),
      writeText: async () => {},
      remove: async () => {},
    },
    ...(options.checkpoints ? { checkpoints: options.checkpoints } : {}),
    ...(options.browser ? { browser: options.browser } : {}),
    ...(options.code ? { code: options.code } : {}),
    ...(options.agentFiles ? { agentFiles: options.agentFiles } : {}),
    ...(options.promptFiles ? { promptFiles: options.promptFiles } : {}),
    ...(options.hooks ? { hooks: options.hooks } : {}),
    ...(options.skillFiles ? { skillFiles: options.skillFiles } : {}),
    ...(options.instructionFiles ? { instructionFiles: options.instructionFiles } : {}),
    ...(options.worktrees ? { worktrees: options.worktrees } : {}),
    ...(options.keepRule ? { keepRule: options.keepRule } : {}),
    ...(options.dropRule ? { dropRule: options.dropRule } : {}),
    ...(options.fileBytes ? { fileBytes: options.fileBytes } : {}),
    ...(options.servers ? { servers: options.servers } : {}),
    ...(options.webhooks ? { webhooks: options.webhooks } : {}),
    ...(options.watchFiles ? { watchFiles: options.watchFiles } : {}),
    ...(options.channels ? { channels: options.channels } : {}),
    outFiles: createOutFileStore(join(stateDir, "outbox"), () => clock.now()),
    ...(options.redact ? { redact: options.redact } : {}),
    ...(options.holdsSecret ? { holdsSecret: options.holdsSecret } : {}),
    workspaces: () => [folder],
    folders: { real: realPath, identity: realPath },
  });
  const events: GatewayEvent[] = [];
  core.events.on((event) => events.push(event));
  if (!options.idle) await core.start();
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await core.close();
    await store.close();
  };
  onTestFinished(async () => {
    await close();
    for (const made of [folder, stateDir]) rmSync(made, { recursive: true, force: true });
  });
  return {
    core,
    store,
    model,
    settings,
    events,
    folder,
    storePath,
    async restart(turns) {
      await close();
      return openBench({ ...options, turns, folder });
    },
    async kill(turns) {
      // It would show life again within a second, whatever it was made out to be.
      queue.close();
      await store.dropLease("gateway", worker);
      return openBench({ ...options, turns, folder });
    },
  };
}

/** The next event that fits, from now on. */
export function nextEvent<T extends GatewayEvent["type"]>(
  core: RunningCore,
  type: T,
): Promise<Extract<GatewayEvent, { type: T }>> {
  return new Promise((resolve) => {
    const subscription = core.events.on((event) => {
      if (event.type !== type) return;
      subscription.dispose();
      resolve(event as Extract<GatewayEvent, { type: T }>);
    });
  });
}

/** A session's events as lines: "main 2 message user: 2+3?"; what is told after it and not stored: "main 2+ text.delta It". */
export function transcript(events: GatewayEvent[], sessionKey = "main"): string[] {
  return events.flatMap((event) =>
    isRunEvent(event) && event.sessionKey === sessionKey
      ? [`${sessionKey} ${event.seq}${event.part ? "+" : ""} ${event.type}${describe(event)}`]
      : [],
  );
}

function describe(event: RunEvent): string {
  switch (event.type) {
    case "message":
      return ` ${event.message.role}: ${event.message.text}`;
    case "text.delta":
    case "run.notice":
      return ` ${event.text}`;
    case "tool.started":
      return ` ${event.name} ${JSON.stringify(event.input)}`;
    case "run.finished":
      return ` ${event.outcome.type}`;
    case "approval.answered":
      return ` ${event.decision} by ${event.by}`;
    default:
      return "";
  }
}

export const add = defineTool({
  name: "add",
  description: "Adds two numbers.",
  input: z.strictObject({ a: z.number(), b: z.number() }),
  effect: "read",
  run: async ({ a, b }) => ({ text: String(a + b) }),
});

export const notes: string[] = [];

/** Writes, so it asks first. */
export const note = defineTool({
  name: "note",
  description: "Takes a note.",
  input: z.strictObject({ text: z.string() }),
  effect: "write",
  approval: async ({ text }) => ({
    summary: `note ${text}`,
    subject: { type: "other", text },
    reason: "takes a note",
    safe: false,
    protected: text.startsWith("secret"),
    effects: [{ kind: "run", place: `note ${text}` }],
  }),
  run: async ({ text }) => {
    notes.push(text);
    return { text: "noted" };
  },
});
