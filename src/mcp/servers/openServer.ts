import type { AuthProvider, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { AppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { onAbort } from "../../base/wait.ts";
import type { McpAnswer } from "../../protocol/mcp.ts";
import { uncheckedResults } from "../../schema/uncheckedResults.ts";
import { childEnv } from "../../processes/childEnv.ts";
import type { ListedTool } from "../tools/listedTool.ts";
import { createServerFetch } from "../auth/serverFetch.ts";
import { faultWords } from "../wire/faultWords.ts";
import { answeringWire } from "../wire/answeringWire.ts";
import { findServerProgram } from "../wire/findServerProgram.ts";
import { createStdioWire, type StdioWire } from "../wire/stdioWire.ts";
import { formAsGiven } from "../wire/mendQuestion.ts";
import { toForm } from "./questionForm.ts";
import type { Wanted } from "./questions.ts";
import type { ServerSettings } from "./serverSettings.ts";

/** A server that answers. */
export interface Connection {
  client: Client;
  tools: ListedTool[];
  pid?: number | undefined;
  /** "everything 2.0.0", as it calls itself. */
  version?: string | undefined;
  protocol?: string | undefined;
  /** How many calls are under way on it. */
  calls: number;
  /** Whether a fault is that the server does not know any more who we are: what it was asked it has not done. */
  isForgotten(fault: unknown): boolean;
  close(): Promise<void>;
}

export interface ConnectOptions {
  settings: ServerSettings;
  /** Programs in there are not started by name. */
  workspaces: string[];
  /** Our own. */
  version: string;
  signal: AbortSignal;
  /** Of one that is reached by HTTP: the token that it wants. */
  auth?: AuthProvider | undefined;
  /** What it is asked by on another machine. */
  fetch?: typeof fetch | undefined;
  /** Something that it wants of the user, until it wants it no more. */
  ask(wanted: Wanted, withdrawn: AbortSignal): Promise<McpAnswer>;
  /** What it writes to its standard error. */
  onText(text: string): void;
  onToolsChanged(): void;
  /** Its prompts or its resources are others by now. */
  onOffersChanged(): void;
  /** Whether a list of its (`tools/list`) has more pages than are used. */
  onMore(method: string, isMore: boolean): void;
  /** It is gone, by itself; `why` as in "exit code 1". */
  onGone(why: string): void;
}

// A program may have to be downloaded first.
const START_MS = 60_000;
// Who does not know the newer revision's first question answers that at once, or never.
const PROBE_MS = 4000;
const LEAVE_MS = 1000;

/** Starts or reaches a server, agrees with it on a revision of the protocol, and asks for its tools. */
export async function openServer(options: ConnectOptions): Promise<Connection> {
  const attempt = (mode: "auto" | "legacy") =>
    options.settings.command === undefined ? openHttp(options, mode) : openStdio(options, mode);
  try {
    return await attempt("auto");
  } catch (error) {
    options.signal.throwIfAborted();
    // Some end at the first word that they do not know.
    if (!(error instanceof EndedEarly)) throw error;
    return await attempt("legacy");
  }
}

class EndedEarly extends AppError {}

async function openStdio(options: ConnectOptions, mode: "auto" | "legacy"): Promise<Connection> {
  const { settings, workspaces } = options;
  const cwd = settings.cwd ?? homeFolder();
  const { file, before } = findServerProgram(settings.command!, workspaces);
  const env = { ...childEnv(""), ...settings.env };
  const wire = createStdioWire({ file, args: [...before, ...settings.args], cwd, env, onText: options.onText });
  try {
    const client = await createClient(options, mode);
    await connect(client, wire, options);
    const connection = await toConnection(client, options, { wire });
    void wire.ended.then((why) => options.onGone(why));
    return connection;
  } catch (error) {
    const why = await Promise.race([wire.ended, Promise.resolve(undefined)]);
    await wire.close();
    options.signal.throwIfAborted();
    if (why === undefined) throw error;
    const message = `It ended while it was being started: ${why}`;
    throw mode === "auto" ? new EndedEarly("unavailable", message) : new AppError("unavailable", message);
  }
}

async function openHttp(options: ConnectOptions, mode: "auto" | "legacy"): Promise<Connection> {
  const { settings } = options;
  const { username, password } = new URL(settings.url!);
  if (username !== "" || password !== "")
    throw new AppError(
      "bad_request",
      "Its address holds a name and a password: they are sent as a header, Authorization",
    );
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const wire = new StreamableHTTPClientTransport(new URL(settings.url!), {
    requestInit: { headers: settings.headers },
    fetch: createServerFetch(settings.url!, options.fetch),
    // A run opens no page: a person is told.
    onInsufficientScope: "throw",
    ...(options.auth ? { authProvider: options.auth } : {}),
  });
  const client = await createClient(options, mode);
  try {
    await connect(client, wire, options);
    return await toConnection(client, options, { leave: () => leave(wire) });
  } catch (error) {
    await client.close().catch(() => {});
    if ((error as { status?: unknown }).status !== 405) throw error;
    // Of servers of the time before, which are asked over one address and answer over another.
    const message = `${faultWords(error)} (status 405). It may speak the older protocol over server-sent events alone, which is not spoken here`;
    throw new AppError("unavailable", message, { cause: error });
  }
}

/** Tells a server over HTTP that its session is no longer needed; whether it wants to hear that is its own affair. */
async function leave(wire: StreamableHTTPClientTransport): Promise<void> {
  if (wire.sessionId === undefined) return;
  const late = new Promise((resolve) => setTimeout(resolve, LEAVE_MS).unref());
  await Promise.race([wire.terminateSession().catch(() => {}), late]);
}

async function createClient(options: ConnectOptions, mode: "auto" | "legacy"): Promise<Client> {
  const { Client, ProtocolError, ProtocolErrorCode } = await import("@modelcontextprotocol/client");
  const client = new Client(
    { name: "pincer", version: options.version },
    {
      versionNegotiation: { mode, probe: { timeoutMs: options.settings.command === undefined ? START_MS : PROBE_MS } },
      jsonSchemaValidator: uncheckedResults,
      capabilities: { elicitation: { form: { applyDefaults: true }, url: {} } },
      listChanged: {
        tools: { autoRefresh: false, onChanged: () => options.onToolsChanged() },
        prompts: { autoRefresh: false, onChanged: () => options.onOffersChanged() },
        resources: { autoRefresh: false, onChanged: () => options.onOffersChanged() },
      },
    },
  );
  client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq: { signal } }) => {
    const { message } = params;
    if (!("requestedSchema" in params))
      return { action: (await options.ask({ message, url: params.url }, signal)).action };
    const schema = toForm(formAsGiven(params.requestedSchema as Record<string, unknown>));
    if (typeof schema === "string")
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `This cannot be asked: ${schema}`);
    const { action, content } = await options.ask({ message, schema }, signal);
    return action === "accept" ? { action, content: content ?? {} } : { action };
  });
  return client;
}

async function connect(client: Client, wire: Parameters<Client["connect"]>[0], options: ConnectOptions) {
  const { signal, onText, onMore } = options;
  const mended = answeringWire(wire, (fault) => onText(`[${fault}]\n`), onMore);
  // The SDK's first question takes no signal.
  const gone = onAbort(signal, () => void mended.close().catch(() => {}));
  try {
    await client.connect(mended, { timeout: START_MS, signal });
  } finally {
    gone.dispose();
  }
}

async function toConnection(
  client: Client,
  options: ConnectOptions,
  { wire, leave = async () => {} }: { wire?: StdioWire; leave?: () => Promise<void> },
): Promise<Connection> {
  const { settings, signal, onGone } = options;
  const tools = await listTools(client, signal);
  const info = client.getServerVersion();
  const hasSession = client.transport?.sessionId !== undefined;
  if (!wire) Object.assign(client, { onclose: () => onGone("the connection was closed") });
  return {
    client,
    tools,
    pid: wire?.pid,
    version: info && `${info.name} ${info.version}`,
    protocol: client.getNegotiatedProtocolVersion(),
    calls: 0,
    isForgotten: (fault) => hasSession && saysForgotten(fault),
    async close() {
      // It is meant to.
      delete client.onclose;
      await leave();
      await client.close().catch(() => {});
      if (settings.command !== undefined) await wire!.close();
    },
  };
}

/** A session that is over is answered with 404 by the protocol, and by many servers in ways that name it. */
function saysForgotten(fault: unknown): boolean {
  const { status, code, message } = fault as { status?: unknown; code?: unknown; message?: unknown };
  const words = headOf(String(message), 300);
  if (status === 404 || status === 410) return true;
  if (status === 400 || code === -32001) return /\bsession\b/i.test(words);
  // In an answer as any other (200) only what says so plainly: tools have sessions of their own, named by their arguments.
  return Number.isInteger(code) && code !== INVALID_PARAMS && NO_SESSION.test(words);
}

const INVALID_PARAMS = -32602;
const NO_SESSION =
  /^(?:MCP error -?\d+: )?(?:(?:bad request|not found|error)[:,.] *)?(?:(?:no|unknown|invalid|expired|missing) (?:valid )?(?:mcp[ -])?session\b|(?:mcp[ -])?session\b.*\b(?:not found|unknown|expired|invalid|terminated|closed|does not exist|doesn't exist)\b)/i;

export async function listTools(client: Client, signal: AbortSignal): Promise<ListedTool[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  const { tools } = await client.listTools(undefined, { cacheMode: "refresh", timeout: START_MS, signal });
  return tools;
}
