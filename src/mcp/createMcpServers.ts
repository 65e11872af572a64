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
import { createQuestions, type Questions, type QuestionsOptions } from "./servers/questions.ts";
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
import { createKeptTexts, type KeptTexts } from "../base/files/keptTexts.ts";
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
  /** What servers on other machines are asked by; absent: plainFetch. */
  fetch?: typeof fetch | undefined;
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
  /** What they ask is put to people anew: another gateway leads now. */
  askAgain(): void;
  /** Ends all of them with what they have started. */
  close(): Promise<void>;
}

const IDLE_MS = 10 * 60_000;
const SETTLE_MS = 5000;

/** All servers that are set up, with what they have in common. The functions below are its operations. */
interface Servers {
  settings: McpServersOptions["settings"];
  clock: Clock;
  settleMs: number;
  byName: Map<string, Server>;
  /** Of all of them; undefined while they are to be put together anew. */
  tools?: Tool[] | undefined;
  /** Each tool of a server, as it was made for the agent. */
  made: WeakMap<ServerTool, Tool>;
  kept: KeptTexts;
  resultTool: Tool;
  caller: ToolCaller;
  changes: Emitter<McpServer>;
  parts: ServerParts;
}

/** The servers of the configuration. Nothing is started, and nothing of the protocol loaded, before the first is needed. */
export function createMcpServers(options: McpServersOptions): RunningServers {
  const { clock, log } = options;
  const asked = new Emitter<Asked>((error) =>
    log.error("A question of an MCP server could not be told", { error: describeError(error) }),
  );
  const questions = createQuestions({
    ...{ clock, elsewhere: options.elsewhere },
    onAsked: (question) => asked.emit({ question }),
    onAnswered: (question, action) => asked.emit({ question, action }),
  });
  const servers = openAll(options, questions);
  refresh(servers);
  return {
    refresh: () => refresh(servers),
    tools: () => toolsOf(servers),
    settled: (signal) => settled(servers, signal),
    prompts: async () => (await offersOf(servers)).flatMap(({ prompts }) => prompts),
    resources: async () => (await offersOf(servers)).flatMap(({ resources }) => resources),
    async getPrompt({ server: name, original }, values) {
      const server = serverNamed(servers, name);
      return await getPrompt(server, original, values, server.closed.signal);
    },
    async readResource(name, uri) {
      const server = serverNamed(servers, name);
      return await readResource(server, uri, server.closed.signal);
    },
    list: () => [...servers.byName.values()].map(infoOf),
    log: (name, lines) => serverNamed(servers, name).log.tail(lines),
    async restart(name) {
      const server = serverNamed(servers, name);
      await endServer(server);
      await connectServer(server).catch(() => {});
      return infoOf(server);
    },
    async signIn(name) {
      return await signInServer(serverNamed(servers, name));
    },
    async signOut(name) {
      await signOutServer(serverNamed(servers, name));
      return infoOf(serverNamed(servers, name));
    },
    questions: () => questions.list(),
    askAgain: () => questions.askAgain(),
    adoptQuestion: (question, schema, signal) => questions.adopt(question, schema, signal),
    dropQuestion: (id) => questions.drop(id),
    answer: (id, answer) => questions.answer(id, answer),
    onDidAsk: (listener) => asked.on(listener),
    onDidChange: (listener) => servers.changes.on(listener),
    close: () => closeAll(servers),
  };
}

/** None of them yet, and all that each is made with. */
function openAll(options: McpServersOptions, questions: Questions): Servers {
  const { stateDir, workspaces, version, clock, log, redact = (text) => text, vault } = options;
  const { settings, fetch, idleMs = IDLE_MS, settleMs = SETTLE_MS } = options;
  const kept = createKeptTexts(join(stateDir, "mcp", "results"), () => clock.now());
  const servers: Servers = {
    ...{ settings, clock, settleMs, kept, byName: new Map(), made: new WeakMap() },
    resultTool: createResultTool(kept),
    changes: new Emitter<McpServer>((error) =>
      log.error("A change of an MCP server could not be told", { error: describeError(error) }),
    ),
    caller: {
      call: (tool, input, context) => callTool(serverNamed(servers, tool.server), tool, input, context),
      hasChanged({ server, original, hash }) {
        const before = servers.byName.get(server)?.known?.called[original];
        return before !== undefined && before !== hash;
      },
    },
    parts: {
      ...{ stateDir, workspaces, version, clock, log, redact, idleMs, questions, vault, fetch },
      onChange(server, isOfTools) {
        if (isOfTools) servers.tools = undefined;
        if (servers.byName.get(server.name) === server) servers.changes.emit(infoOf(server));
      },
    },
  };
  return servers;
}

function refresh(servers: Servers): void {
  const before = servers.byName;
  const now = new Map(
    Object.entries(servers.settings()).map(([name, settings]) => {
      const known = before.get(name);
      const isSame = known && JSON.stringify(known.settings) === JSON.stringify(settings);
      return [name, isSame ? known : createServer(name, settings, servers.parts)];
    }),
  );
  servers.byName = now;
  servers.tools = undefined;
  for (const server of before.values()) if (now.get(server.name) !== server) void endServer(server);
  for (const server of now.values()) if (before.get(server.name) !== server) servers.changes.emit(infoOf(server));
}

function toolsOf(servers: Servers): Tool[] {
  const enabled = [...servers.byName.values()].filter(({ settings }) => settings.enabled);
  const listed = enabled.flatMap(({ tools }) => tools);
  servers.tools ??= listed.length === 0 ? [] : [...listed.map((tool) => toolOf(servers, tool)), servers.resultTool];
  return servers.tools;
}

function toolOf({ made, caller, kept }: Servers, tool: ServerTool): Tool {
  const own = made.get(tool) ?? toTool(tool, caller, kept);
  made.set(tool, own);
  return own;
}

async function settled({ byName, clock, settleMs }: Servers, signal: AbortSignal): Promise<void> {
  const unknown = [...byName.values()].filter((server) => server.settings.enabled && !isKnown(server));
  if (unknown.length === 0) return;
  const waits = unknown.map(async (server) => {
    const since = server.connectingSince ?? clock.now();
    const isWorth = server.failures === 0;
    const ready = connectServer(server).catch(() => {});
    // One that has let others wait already, or has failed, is not waited for again.
    if (isWorth) await within(clock, Math.max(0, since + settleMs - clock.now()), ready, signal);
  });
  await Promise.all(waits);
}

function offersOf({ byName }: Servers) {
  return Promise.all([...byName.values()].map(listOffers));
}

function serverNamed({ byName }: Servers, name: string): Server {
  const found = byName.get(name);
  if (found) return found;
  const names = [...byName.keys()].join(", ");
  throw new AppError("not_found", `No MCP server ${name} is set up${names === "" ? "" : `; there are ${names}`}`);
}

async function closeAll(servers: Servers): Promise<void> {
  const all = [...servers.byName.values()];
  servers.byName = new Map();
  servers.tools = [];
  await Promise.all(all.map(endServer));
}
