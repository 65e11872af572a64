import { AppError, isAppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import type { Log } from "../../base/log.ts";
import { nameTable } from "../../base/nameTable.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { race, sleep } from "../../base/wait.ts";
import type { McpPrompt, McpResource, McpServer } from "../../protocol/mcp.ts";
import { leftOutOf, type ListedTool, type ServerTool, toServerTools } from "../tools/listedTool.ts";
import { askUser } from "./askUser.ts";
import { beyondCalls, type CallUnderWay } from "./callsUnderWay.ts";
import { type Connection, type ConnectOptions, listTools, openServer } from "./openServer.ts";
import { type KnownTools, readKnownTools, writeKnownTools } from "./knownTools.ts";
import { type Account, openAccount } from "../auth/account.ts";
import { wantsSignIn } from "../auth/authProvider.ts";
import { createServerAuth } from "../auth/serverAuth.ts";
import type { Challenge } from "../auth/beginSignIn.ts";
import { faultWords, serverFault } from "../wire/faultWords.ts";
import type { Vault } from "../../core/ports/host.ts";
import type { Questions } from "./questions.ts";
import { createServerLog, type ServerLog } from "./serverLog.ts";
import { originOf, type ServerSettings, targetOf } from "./serverSettings.ts";

export interface ServerParts {
  stateDir: string;
  workspaces: () => string[];
  /** Our own version. */
  version: string;
  clock: Clock;
  log: Log;
  redact: (text: string) => string;
  /** Anything that `infoOf` tells is another; `tools` says that its tools are. */
  onChange: (server: Server, tools: boolean) => void;
  questions: Questions;
  /** Where tokens are kept; absent: in files. */
  vault?: Vault | undefined;
  /** What servers on other machines are asked by; absent: plainFetch. */
  fetch?: typeof fetch | undefined;
  /** How long a server that nobody calls goes on. */
  idleMs: number;
}

/** What a server offers beside its tools, as it said on a connection; asked for again after `until`. */
interface Offers {
  connection: Connection | undefined;
  until: number;
  prompts: McpPrompt[];
  resources: McpResource[];
}

/** One server with all that is known of it. The functions below are its operations. */
export interface Server {
  name: string;
  settings: ServerSettings;
  parts: ServerParts;
  log: ServerLog;
  /** As listed by it, now or when it last ran; undefined: never. */
  known?: KnownTools | undefined;
  tools: ServerTool[];
  /** Resolves when what is known of it is written, or cannot be. */
  remembered: Promise<void>;
  connection?: Connection | undefined;
  /** What it offers beside its tools, since it was asked. */
  offers?: Offers | undefined;
  connecting?: Promise<Connection> | undefined;
  connectingSince?: number | undefined;
  readySince?: number | undefined;
  error?: string | undefined;
  /** The lists of which more is there than is used (`tools`). */
  more: Set<string>;
  /** Failures in a row. */
  failures: number;
  retryAt?: number | undefined;
  /** Of one that is reached by HTTP: who we are there. */
  account?: Account | undefined;
  /** What it last wanted a person to sign in for. */
  challenge: Challenge;
  needsSignIn: boolean;
  /** The token that was last sent to it. */
  sentToken?: string | undefined;
  calls: number;
  /** Aborts when the last call that is under way is over: what it asked meanwhile waits no more. */
  called: AbortController;
  /** Of its tools. */
  underWay: Set<CallUnderWay>;
  idle?: Disposable | undefined;
  isRefreshing: boolean;
  closed: AbortController;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 300_000;
// Who has run for so long has not failed at starting.
const STEADY_MS = 60_000;
// A call waits for a server that is tried again so soon.
const PATIENCE_MS = 2500;
const REFRESH_MS = 1000;
const FRESH = { failures: 0, retryAt: undefined, error: undefined, needsSignIn: false };

export function createServer(name: string, settings: ServerSettings, parts: ServerParts): Server {
  const known = readKnownTools(parts.stateDir, name);
  const server: Server = {
    ...{ name, settings, parts },
    log: createServerLog(() => isoTime(parts.clock.now()), parts.redact),
    known: known?.origin === originOf(settings) ? known : known && { ...known, origin: "", listed: [] },
    tools: [],
    remembered: Promise.resolve(),
    more: new Set(),
    failures: 0,
    account: settings.url === undefined ? undefined : openAccount(parts.stateDir, name, settings.url, parts.vault),
    challenge: {},
    needsSignIn: false,
    calls: 0,
    called: new AbortController(),
    underWay: new Set(),
    isRefreshing: false,
    closed: new AbortController(),
  };
  if (isKnown(server)) server.tools = serverTools(server);
  return server;
}

/** Whether its tools are known without asking it. */
export function isKnown({ known, settings }: Server): boolean {
  return known?.origin === originOf(settings);
}

/** The server running; starts it when it does not. `unavailable` while it is not to be tried again. */
export async function connectServer(server: Server): Promise<Connection> {
  // Somebody may have signed in from another window.
  if (server.needsSignIn && (await hasNewToken(server))) Object.assign(server, FRESH);
  const { name, parts, settings, retryAt = 0 } = server;
  if (server.connection) return server.connection;
  if (server.connecting) return await server.connecting;
  if (!settings.enabled) throw new AppError("unavailable", `The MCP server ${name} is switched off`);
  if (server.needsSignIn) throw signInFirst(server);
  const waitMs = retryAt - parts.clock.now();
  if (waitMs > PATIENCE_MS) {
    const again = `It is tried again in ${Math.ceil(waitMs / 1000)} s, or when it is restarted by hand`;
    throw serverFault(`The MCP server ${name} does not run`, server.error ?? "it failed", { after: `. ${again}.` });
  }
  server.connecting = start(server, Math.max(0, waitMs)).finally(() => {
    server.connecting = undefined;
    server.connectingSince = undefined;
    tell(server);
  });
  server.connectingSince = parts.clock.now();
  tell(server);
  return await server.connecting;
}

async function start(server: Server, waitMs: number): Promise<Connection> {
  const { name, settings, parts, closed } = server;
  const { clock, version, workspaces, log } = parts;
  try {
    if (waitMs > 0) await sleep(clock, waitMs, closed.signal);
    server.log.note(`Starting ${targetOf(settings)}`);
    const made: { connection?: Connection; goneSo?: string } = {};
    const given: ConnectOptions = {
      ...{ settings, version, workspaces: workspaces(), signal: closed.signal },
      ...{ auth: authOf(server), fetch: parts.fetch },
      ask: (wanted, withdrawn) => askUser(server, wanted, withdrawn),
      onText: (text) => server.log.write(text),
      onToolsChanged: () => void refresh(server),
      onOffersChanged: () => (server.offers = undefined),
      onMore: (method, isMore) => noteMore(server, method, isMore),
      onGone: (why) => (made.connection ? gone(server, made.connection, why) : void (made.goneSo = why)),
    };
    const connection = await beyondCalls(() => openServer(given));
    made.connection = connection;
    if (made.goneSo !== undefined)
      throw new AppError("unavailable", `It ended as soon as it was ready: ${made.goneSo}`);
    Object.assign(server, { connection, readySince: clock.now(), error: undefined, retryAt: undefined });
    takeTools(server, connection.tools);
    server.log.note(`Ready: ${connection.version ?? "unnamed"}, ${server.tools.length} tools`);
    armIdle(server);
    return connection;
  } catch (error) {
    if (wantsSignIn(error)) throw needSignIn(server);
    if (closed.signal.aborted) throw new AppError("unavailable", `The MCP server ${name} was ended`);
    const message = faultWords(error);
    fail(server, message);
    log.warn(`The MCP server ${name} could not be started`, { error: message });
    throw serverFault(`The MCP server ${name} could not be started`, message, { cause: error });
  }
}

/** Who has so many is told of it in the log, and where its state is shown. */
function noteMore(server: Server, method: string, isMore: boolean): void {
  const [list = ""] = method.split("/");
  if (isMore === server.more.has(list)) return;
  if (isMore) server.more.add(list);
  else server.more.delete(list);
  if (isMore) server.log.note(`It has more ${list} than the first 64 pages, which are used`);
  tell(server);
}

/** Whether there is one that it has not refused yet. */
async function hasNewToken({ account, sentToken }: Server): Promise<boolean> {
  const token = (await account?.read())?.tokens?.access_token;
  return token !== undefined && token !== sentToken;
}

/** Notes that a person has to sign in, and gives the error that says how. */
export function needSignIn(
  server: Server,
  { challenge = {}, why = "You have to sign in there" }: { challenge?: Challenge; why?: string } = {},
): AppError {
  server.challenge = { ...server.challenge, ...challenge };
  server.needsSignIn = true;
  server.error = why;
  server.log.note(server.error);
  tell(server);
  return signInFirst(server);
}

function signInFirst({ name }: Server): AppError {
  return new AppError(
    "unavailable",
    `The MCP server ${name} wants its user to sign in first: pincer mcp sign-in ${name}`,
  );
}

/** None where the token stands in the configuration. */
function authOf(server: Server) {
  const { settings, account } = server;
  if (!account || Object.keys(settings.headers).some((name) => name.toLowerCase() === "authorization"))
    return undefined;
  return createServerAuth({
    account,
    settings: settings.oauth ?? {},
    headers: settings.headers,
    onToken: (token) => (server.sentToken = token),
    onChallenge: (challenge) => (server.challenge = challenge),
  });
}

/** Does something with the server running; it is not idle meanwhile. */
export async function withServer<T>(
  server: Server,
  signal: AbortSignal,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  if (server.calls === 0) server.called = new AbortController();
  server.calls += 1;
  server.idle?.dispose();
  try {
    return await use(await race(connectServer(server), signal));
  } finally {
    server.calls -= 1;
    if (server.calls === 0) server.called.abort();
    armIdle(server);
  }
}

/** Ends it and forgets its faults; the next call starts it. What it has listed is written then. */
export async function endServer(server: Server): Promise<void> {
  const { connection, connecting } = server;
  server.idle?.dispose();
  server.closed.abort();
  server.closed = new AbortController();
  Object.assign(server, { connection: undefined, ...FRESH });
  await connecting?.catch(() => {});
  await connection?.close();
  await server.remembered;
  Object.assign(server, FRESH);
  tell(server);
}

/** Takes a connection for one that is over: the next call makes another, and those that are under way on this one may end. */
export function dropConnection(server: Server, connection: Connection): void {
  if (server.connection !== connection) return;
  server.connection = undefined;
  closeDropped(server, connection);
  tell(server);
}

/** Closes a connection that is no longer the server's, when nothing is under way on it. */
export function closeDropped(server: Server, connection: Connection): void {
  if (server.connection !== connection && connection.calls === 0) void connection.close();
}

/** Notes that a tool was called as it is now. */
export function noteCall(server: Server, { original, hash }: ServerTool): void {
  const { known } = server;
  if (!known || known.called[original] === hash) return;
  known.called[original] = hash;
  remember(server);
}

export function infoOf(server: Server): McpServer {
  const { name, settings, connection, retryAt, error, readySince, tools } = server;
  const lists = [...server.more].join(" and ");
  const problem = error ?? (lists === "" ? undefined : `It has more ${lists} than the first 64 pages, which are used`);
  const isWaiting = retryAt !== undefined && retryAt > server.parts.clock.now();
  return {
    name,
    state: stateOf(server),
    kind: settings.command === undefined ? "http" : "stdio",
    target: server.parts.redact(visibleLine(targetOf(settings), 500)),
    error: problem === undefined ? null : server.parts.redact(problem),
    retryAt: isWaiting ? isoTime(retryAt) : null,
    pid: connection?.pid ?? null,
    version: connection?.version === undefined ? null : visibleLine(connection.version, 100),
    protocol: connection?.protocol ?? null,
    startedAt: connection && readySince !== undefined ? isoTime(readySince) : null,
    tools: tools.map((tool) => {
      const { title, description, readOnly } = tool;
      return { name: tool.name, title, description, readOnly };
    }),
  };
}

function stateOf({ settings, connection, connecting, error, needsSignIn }: Server): McpServer["state"] {
  if (!settings.enabled) return "off";
  if (needsSignIn) return "sign_in";
  if (connection) return "ready";
  if (connecting) return "starting";
  return error === undefined ? "idle" : "failed";
}

function gone(server: Server, connection: Connection, why: string): void {
  if (server.connection !== connection) return;
  server.idle?.dispose();
  server.connection = undefined;
  if (server.parts.clock.now() - (server.readySince ?? 0) >= STEADY_MS) server.failures = 0;
  fail(server, `It ended by itself: ${why}`);
  server.parts.log.warn(`The MCP server ${server.name} ended by itself: ${why}`);
  void connection.close();
  tell(server);
}

function fail(server: Server, error: string): void {
  server.failures += 1;
  server.error = error;
  const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (server.failures - 1));
  server.retryAt = server.parts.clock.now() + pause;
  server.log.note(`${error}. Tried again after ${pause / 1000} s at the soonest`);
}

function armIdle(server: Server): void {
  const { clock, idleMs } = server.parts;
  server.idle?.dispose();
  if (server.calls > 0 || !server.connection) return;
  server.idle = clock.at(clock.now() + idleMs, () => {
    if (server.calls > 0) return;
    server.log.note("Nobody has called it for a while, so it is ended");
    void endServer(server);
  });
}

/** Asks for the tools again; however often it says that they changed, not more than once a second. */
async function refresh(server: Server): Promise<void> {
  if (server.isRefreshing) return;
  server.isRefreshing = true;
  const { signal } = server.closed;
  try {
    await sleep(server.parts.clock, REFRESH_MS, signal);
    // What it says from now on may be about what comes after this list.
    server.isRefreshing = false;
    const { connection } = server;
    if (connection) takeTools(server, await listTools(connection.client, signal));
  } catch (error) {
    if (!signal.aborted)
      server.log.note(`Its tools could not be listed again: ${isAppError(error) ? error.message : String(error)}`);
  } finally {
    server.isRefreshing = false;
  }
}

function takeTools(server: Server, listed: ListedTool[]): void {
  for (const line of leftOutOf(listed)) server.log.note(line);
  const origin = originOf(server.settings);
  const isSame = server.known?.origin === origin && JSON.stringify(server.known.listed) === JSON.stringify(listed);
  if (isSame) return;
  server.known = { origin, listed, called: server.known?.called ?? nameTable({}) };
  server.tools = serverTools(server);
  remember(server);
  server.parts.onChange(server, true);
}

function serverTools({ name, settings, known }: Server): ServerTool[] {
  return toServerTools(name, originOf(settings), known?.listed ?? [], settings.tools);
}

/** One after the other, so that the newest stays. */
function remember(server: Server): void {
  const { name, parts } = server;
  server.remembered = server.remembered
    .then(() => writeKnownTools(parts.stateDir, name, server.known!))
    .catch((error: unknown) => {
      parts.log.warn(`What the MCP server ${name} offers could not be kept`, { error: String(error) });
    });
}

function tell(server: Server): void {
  server.parts.onChange(server, false);
}
