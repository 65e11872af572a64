import { join } from "node:path";
import { AppError } from "../base/appError.ts";
import { type Clock } from "../base/clock.ts";
import { Emitter } from "../base/emitter.ts";
import { describeError, type Log } from "../base/log.ts";
import { within } from "../base/wait.ts";
import type { Asked, McpServers } from "../core/ports/mcpServers.ts";
import type { Vault } from "../core/ports/host.ts";
import type { Tool } from "../core/ports/tool.ts";
import type { McpServer } from "../protocol/mcp.ts";
import { createQuestions, type QuestionsOptions } from "./servers/questions.ts";
import { callTool } from "./servers/callTool.ts";
import {
  connectServer,
  createServer,
  endServer,
  infoOf,
  isKnown,
  type Server,
  type ServerParts,
} from "./servers/server.ts";
import { getPrompt, listOffers, readResource } from "./servers/serverOffers.ts";
import { signInServer, signOutServer } from "./servers/signInServer.ts";
import type { ServerSettings } from "./servers/serverSettings.ts";
import { createKeptTexts } from "../base/files/keptTexts.ts";
import type { ServerTool } from "./tools/listedTool.ts";
import { createResultTool } from "./tools/resultTool.ts";
import { toTool, type ToolCaller } from "./tools/toTool.ts";

export interface McpServersOptions {
  /** As they are set up now, by name. */
  settings: () => Record<string, ServerSettings>;
  stateDir: string;
  /** Folders that programs are not started from by name. */
  workspaces: () => string[];
  version: string;
  clock: Clock;
  log: Log;
  /** Takes secrets out of what is shown. */
  redact?: (text: string) => string;
  /** Where tokens are kept; absent: in files of the state folder. */
  vault?: Vault | undefined;
  /** Where people are asked, when not here; see createQuestions. */
  elsewhere?: QuestionsOptions["elsewhere"];
  /** Ten minutes when not given. */
  idleMs?: number;
  /** How long a run waits for the tools of a server that is started for the first time; five seconds when not given. */
  settleMs?: number;
}

export interface RunningServers extends McpServers {
  /** Takes the settings as they are now: what is new, gone or other is started anew when it is needed. */
  refresh(): void;
  /** Ends all of them with what they have started. */
  close(): Promise<void>;
}

const IDLE_MS = 10 * 60_000;
const SETTLE_MS = 5000;

/** The servers of the configuration. Nothing is started, and nothing of the protocol loaded, before the first is needed. */
export function createMcpServers(options: McpServersOptions): RunningServers {
  const { stateDir, workspaces, version, clock, log, redact = (text) => text } = options;
  const { idleMs = IDLE_MS, settleMs = SETTLE_MS } = options;
  const changes = new Emitter<McpServer>((error) =>
    log.error("A change of an MCP server could not be told", { error: describeError(error) }),
  );
  const asked = new Emitter<Asked>((error) =>
    log.error("A question of an MCP server could not be told", { error: describeError(error) }),
  );
  const questions = createQuestions({
    ...{ clock, elsewhere: options.elsewhere },
    onAsked: (question) => asked.emit({ question }),
    onAnswered: (question, action) => asked.emit({ question, action }),
  });
  const kept = createKeptTexts(join(stateDir, "mcp", "results"), () => clock.now());
  const resultTool = createResultTool(kept);
  const made = new WeakMap<ServerTool, Tool>();
  let servers = new Map<string, Server>();
  let tools: Tool[] | undefined;

  const parts: ServerParts = {
    ...{ stateDir, workspaces, version, clock, log, redact, idleMs, questions, vault: options.vault },
    onChange(server, isOfTools) {
      if (isOfTools) tools = undefined;
      if (servers.get(server.name) === server) changes.emit(infoOf(server));
    },
  };
  const get = (name: string): Server => {
    const found = servers.get(name);
    if (found) return found;
    const names = [...servers.keys()].join(", ");
    throw new AppError("not_found", `No MCP server ${name} is set up${names === "" ? "" : `; there are ${names}`}`);
  };
  const caller: ToolCaller = {
    call: (tool, input, context) => callTool(get(tool.server), tool, input, context),
    hasChanged({ server, original, hash }) {
      const before = servers.get(server)?.known?.called[original];
      return before !== undefined && before !== hash;
    },
  };
  const toOwn = (tool: ServerTool): Tool => {
    const own = made.get(tool) ?? toTool(tool, caller, kept);
    made.set(tool, own);
    return own;
  };
  const refresh = () => {
    const before = servers;
    const wanted = Object.entries(options.settings());
    servers = new Map(
      wanted.map(([name, settings]) => {
        const known = before.get(name);
        const isSame = known && JSON.stringify(known.settings) === JSON.stringify(settings);
        return [name, isSame ? known : createServer(name, settings, parts)];
      }),
    );
    tools = undefined;
    for (const server of before.values()) if (servers.get(server.name) !== server) void endServer(server);
    for (const server of servers.values()) if (before.get(server.name) !== server) changes.emit(infoOf(server));
  };
  refresh();

  return {
    refresh,
    tools() {
      const ofServers = [...servers.values()].filter(({ settings }) => settings.enabled).flatMap((one) => one.tools);
      tools ??= ofServers.length === 0 ? [] : [...ofServers.map(toOwn), resultTool];
      return tools;
    },
    async settled(signal) {
      const unknown = [...servers.values()].filter((server) => server.settings.enabled && !isKnown(server));
      if (unknown.length === 0) return;
      const waits = unknown.map(async (server) => {
        const since = server.connectingSince ?? clock.now();
        const isWorth = server.failures === 0;
        const ready = connectServer(server).catch(() => {});
        // One that has let others wait already, or has failed, is not waited for again.
        if (isWorth) await within(clock, Math.max(0, since + settleMs - clock.now()), ready, signal);
      });
      await Promise.all(waits);
    },
    prompts: async () => (await Promise.all([...servers.values()].map(listOffers))).flatMap(({ prompts }) => prompts),
    resources: async () =>
      (await Promise.all([...servers.values()].map(listOffers))).flatMap(({ resources }) => resources),
    async getPrompt({ server: name, original }, values) {
      const server = get(name);
      return await getPrompt(server, original, values, server.closed.signal);
    },
    async readResource(name, uri) {
      const server = get(name);
      return await readResource(server, uri, server.closed.signal);
    },
    list: () => [...servers.values()].map(infoOf),
    log: (name, lines) => get(name).log.tail(lines),
    async restart(name) {
      const server = get(name);
      await endServer(server);
      await connectServer(server).catch(() => {});
      return infoOf(server);
    },
    async signIn(name) {
      return await signInServer(get(name));
    },
    async signOut(name) {
      await signOutServer(get(name));
      return infoOf(get(name));
    },
    questions: () => questions.list(),
    adoptQuestion: (question, schema, signal) => questions.adopt(question, schema, signal),
    dropQuestion: (id) => questions.drop(id),
    answer: (id, answer) => questions.answer(id, answer),
    onDidAsk: (listener) => asked.on(listener),
    onDidChange: (listener) => changes.on(listener),
    async close() {
      const all = [...servers.values()];
      servers = new Map();
      tools = [];
      await Promise.all(all.map(endServer));
    },
  };
}
