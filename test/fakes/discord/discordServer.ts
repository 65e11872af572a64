import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { type FormFile, readTelegramForm } from "../telegramForm.ts";
import { answer, count, tooMany } from "./discordAnswers.ts";
import { command, type DiscordPeople, newNumber, press, remove, say } from "./discordPeople.ts";
import { type DiscordSocket, serveDiscordSocket } from "./discordSocket.ts";
import { slowly } from "../slowly.ts";

/** A message as the bot sent it, and as it stands in its channel now. */
export interface DiscordSent {
  id: string;
  channel: string;
  /** In Discord's Markdown. */
  content: string;
  buttons: { label: string; custom_id: string }[];
  body: Record<string, unknown>;
  silent: boolean;
  file?: FormFile;
  edits: string[];
  deleted: boolean;
}

/** What goes wrong with the next calls that fit. `done`: the call was carried out before its answer was lost. */
export interface DiscordProblem {
  method: string;
  path: RegExp;
  times?: number;
  status?: number;
  code?: number;
  message?: string;
  retryAfter?: number;
  global?: boolean;
  /** Raw body in place of Discord's own. */
  says?: string;
  drop?: "before" | "done";
  hang?: boolean;
}

export interface DiscordCall {
  method: string;
  path: string;
  body: Record<string, unknown>;
}

export interface DiscordServer {
  url: string;
  token: string;
  gateway: DiscordSocket;
  sent: DiscordSent[];
  calls: DiscordCall[];
  channels: Map<string, { id: string; type: number; name?: string; parent_id?: string }>;
  files: Map<string, Buffer>;
  /** Of these only an address that was asked for anew holds. */
  expired: Set<string>;
  /** What who pressed was told, by the interaction's token. */
  whispers: Map<string, string>;
  /** Flags of the application. */
  flags: number;
  /** So many messages into one channel within so long, as the headers tell. */
  limit: { count: number; ms: number };
  sessionsLeft: number;
  /** Somebody writes, in private where no channel is given. */
  say(from: string, text: string, more?: DiscordSay): string;
  /** What somebody wrote says something else now; told to nobody. */
  edit(id: string, text: string): void;
  /** Somebody deletes what was written. */
  remove(...ids: string[]): void;
  press(from: string, message: DiscordSent, label: string): string;
  /** Somebody uses a command that Discord lists, in private where no channel is given. */
  command(from: string, name: string, more?: { channel?: string; value?: string; type?: number }): string;
  /** Those that it lists. */
  commands: Record<string, unknown>[];
  fail(problem: DiscordProblem): void;
  /** Nothing goes wrong any more. */
  mend(): void;
  until(fits: (message: DiscordSent) => boolean): Promise<DiscordSent>;
  /** Resolves once it is so. */
  untilSo(look: () => boolean): Promise<void>;
  /** Texts that stand in a channel, of what was sent with a sound. */
  texts(channel: string): string[];
  /** The channel of a person's private chat. */
  dm(person: string): string;
  close(): Promise<void>;
}

export interface DiscordSay {
  channel?: string;
  mentions?: string[];
  replyTo?: Record<string, unknown>;
  extra?: Record<string, unknown>;
  fromExtra?: Record<string, unknown>;
  /** Written, and told to nobody: as while no session is there. */
  isUnheard?: boolean;
}

export const DISCORD_BOT = { id: "4242424242424242", username: "pincer" };
const TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GfakeX.of_the_tests_1234567890abcdef";
export const SERVER = "7000000000000001";
/** The role that the server gave the bot, and one of its people's. */
export const OWN_ROLE = "7000000000000002";
export const OTHER_ROLE = "7000000000000003";
const SILENT = 1 << 12;

/** Discord over HTTP and a WebSocket: one bot, and faults on demand. */
export async function startDiscordServer({ heartbeatMs = 45_000, port = 0 } = {}): Promise<DiscordServer> {
  const server = http.createServer(
    slowly((request, response) => {
      serve(state, request, response).catch((error: unknown) => response.destroy(error as Error));
    }),
  );
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: bound } = server.address() as AddressInfo;
  const waiters = new Set<() => void>();
  const changed = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const gateway = serveDiscordSocket(server, {
    ...{ token: TOKEN, bot: DISCORD_BOT, heartbeatMs, changed },
    url: () => `ws://127.0.0.1:${bound}/gateway`,
  });
  const untilFound = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const waiter = () => {
          waiters.delete(waiter);
          resolve();
        };
        waiters.add(waiter);
      });
    }
  };
  const state: State = {
    ...{ url: `http://127.0.0.1:${bound}`, token: TOKEN, gateway, changed },
    ...{
      sent: [],
      calls: [],
      problems: [],
      said: [],
      files: new Map(),
      expired: new Set(),
      whispers: new Map(),
      answered: new Set(),
    },
    ...{ channels: new Map(), flags: 0, limit: { count: 1000, ms: 1000 }, sessionsLeft: 900 },
    ...{ nonces: new Map(), windows: new Map(), lastId: 0n, presses: 0 },
    dm(person) {
      const id = `9${person}`;
      state.channels.set(id, { id, type: 1 });
      return id;
    },
    say: (from, text, more) => say(state, from, text, more),
    edit: (id, text) =>
      void Object.assign(
        state.said.find((one) => one["id"] === id)!,
        { content: text },
      ),
    remove: (...ids) => remove(state, ids),
    press: (from, message, label) => press(state, from, message, label),
    command: (from, name, more) => command(state, from, name, more),
    commands: [],
    fail: (problem) => void state.problems.push({ times: 1, ...problem }),
    mend: () => void state.problems.splice(0),
    until: (fits) => untilFound(() => state.sent.find(fits)),
    untilSo: async (look) => void (await untilFound(() => look() || undefined)),
    texts: (channel) =>
      state.sent.filter((one) => one.channel === channel && !one.deleted && !one.silent).map(({ content }) => content),
    close: () =>
      new Promise((resolve) => {
        gateway.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}

interface State extends DiscordServer, DiscordPeople {
  problems: (DiscordProblem & { times?: number })[];
  answered: Set<string>;
  nonces: Map<string, DiscordSent>;
  windows: Map<string, number[]>;
  changed(): void;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function serve(state: State, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method = "", url = "" } = request;
  if (url.startsWith("/files/")) {
    const [name = "", fresh] = url.slice("/files/".length).split("?");
    const file = state.expired.has(name) && fresh !== "fresh" ? undefined : state.files.get(name);
    return void response.writeHead(file ? 200 : 404).end(file);
  }
  const path = decodeURIComponent(url.replace(/^\/api\/v10/, ""));
  const isPublic = /^\/(interactions|webhooks)\//.test(path);
  if (!isPublic && request.headers.authorization !== `Bot ${TOKEN}`)
    return answer(response, 401, { message: "401: Unauthorized", code: 0 });
  const { params, file } = readTelegramForm(request.headers["content-type"] ?? "", Buffer.concat(chunks));
  const payload = params["payload_json"];
  const body = payload === undefined ? params : (JSON.parse(String(payload)) as Record<string, unknown>);
  state.calls.push({ method, path, body });
  const problem = state.problems.find((one) => one.method === method && one.path.test(path));
  if (problem && --problem.times! <= 0) state.problems.splice(state.problems.indexOf(problem), 1);
  try {
    if (problem?.hang) return undefined;
    if (problem?.drop === "before") return void request.socket.destroy();
    if (problem?.says !== undefined)
      return void response.writeHead(problem.status ?? 200, { "content-type": "text/html" }).end(problem.says);
    if (problem?.retryAfter !== undefined) return tooMany(response, problem.retryAfter, problem.global === true);
    if (problem && problem.drop === undefined)
      return answer(response, problem.status ?? 400, {
        message: problem.message ?? "as the test says",
        code: problem.code ?? 0,
      });
    const isMessage = method === "POST" && /^\/channels\/\d+\/messages$/.test(path);
    const headers = isMessage ? count(state, path) : {};
    if (headers === undefined) return tooMany(response, state.limit.ms / 1000, false);
    const result = carryOut(state, { method, path, body, file });
    if (problem?.drop === "done") return void request.socket.destroy();
    return answer(response, result === undefined ? 204 : 200, result, headers);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return answer(response, error.status, { message: error.message, code: error.code });
  } finally {
    state.changed();
  }
}

interface Asked extends DiscordCall {
  file: FormFile | undefined;
}

function carryOut(state: State, { method, path, body, file }: Asked): unknown {
  const [route = "", query = ""] = path.split("?");
  if (route === "/users/@me") return { ...DISCORD_BOT, bot: true };
  if (route === "/applications/@me") return { id: DISCORD_BOT.id, flags: state.flags };
  if (route === "/gateway/bot")
    return {
      url: `${state.url.replace("http", "ws")}/gateway`,
      shards: 1,
      session_start_limit: { total: 1000, remaining: state.sessionsLeft, reset_after: 3000, max_concurrency: 1 },
    };
  if (route === "/users/@me/channels") return { id: state.dm(String(body["recipient_id"])), type: 1 };
  const [, interaction, token = ""] = /^\/(interactions|webhooks)\/\d+\/([^/]+)\//.exec(route) ?? [];
  if (interaction === "interactions") {
    if (state.answered.has(token)) throw new Refusal(400, 40060, "Interaction has already been acknowledged.");
    state.answered.add(token);
    return undefined;
  }
  if (interaction === "webhooks") {
    if (!state.answered.has(token)) throw new Refusal(404, 10015, "Unknown Webhook");
    state.whispers.set(token, String(body["content"]));
    return { id: newNumber(state) };
  }
  if (route === `/applications/${DISCORD_BOT.id}/commands`) {
    if (method === "GET") return state.commands;
    state.commands = [
      ...state.commands.filter(({ name, type }) => name !== body["name"] || type !== 1),
      { id: newNumber(state), ...body },
    ];
    return state.commands.at(-1);
  }
  if (route === "/attachments/refresh-urls")
    return {
      refreshed_urls: (body["attachment_urls"] as string[]).map((original) => ({
        original,
        refreshed: `${original}?fresh`,
      })),
    };
  if (route === "/users/@me/guilds") return [{ id: SERVER, name: "A server" }];
  if (route === `/guilds/${SERVER}/roles`)
    return [{ id: OTHER_ROLE }, { id: OWN_ROLE, tags: { bot_id: DISCORD_BOT.id } }];
  if (route === `/guilds/${SERVER}/channels`) return listed(state, (type) => type === 0);
  if (route === `/guilds/${SERVER}/threads/active`) return { threads: listed(state, (type) => type === 11) };
  const [, channel = "", rest = ""] = /^\/channels\/(\d+)(.*)$/.exec(route) ?? [];
  const known = state.channels.get(channel);
  if (!known) throw new Refusal(404, 10003, "Unknown Channel");
  if (rest === "") return known.type === 1 ? known : { ...known, guild_id: SERVER };
  if (rest === "/messages" && method === "GET") {
    const after = BigInt(new URLSearchParams(query).get("after") ?? 0);
    return state.said.filter((one) => one["channel_id"] === channel && BigInt(String(one["id"])) > after).toReversed();
  }
  const said = state.said.find((one) => one["channel_id"] === channel && rest === `/messages/${String(one["id"])}`);
  if (said && method === "GET") return said;
  if (rest === "/messages") return send(state, channel, body, file);
  const [, id] = /^\/messages\/(\d+)/.exec(rest) ?? [];
  if (id === undefined || rest.includes("/reactions/")) return undefined;
  const sent = state.sent.find((one) => one.id === id && !one.deleted);
  if (!sent) throw new Refusal(404, 10008, "Unknown Message");
  if (method === "DELETE") sent.deleted = true;
  if (method === "PATCH") {
    checkBody(body, undefined);
    sent.edits.push(String(body["content"]));
    sent.content = String(body["content"]);
    if (Array.isArray(body["components"])) sent.buttons = buttonsOf(body);
  }
  return method === "DELETE" ? undefined : { id };
}

function listed({ channels, said }: State, isOne: (type: number) => boolean) {
  return [...channels.values()]
    .filter(({ type }) => isOne(type))
    .map((one) => ({
      ...one,
      last_message_id: said.findLast((message) => message["channel_id"] === one.id)?.["id"] ?? null,
    }));
}

function send(state: State, channel: string, body: Record<string, unknown>, file: Asked["file"]): unknown {
  checkBody(body, file);
  const nonce = body["enforce_nonce"] === true ? `${channel} ${String(body["nonce"])}` : "";
  const same = state.nonces.get(nonce);
  if (same) return { id: same.id };
  const sent: DiscordSent = {
    ...{ id: newNumber(state), channel, content: String(body["content"] ?? ""), buttons: buttonsOf(body), body },
    ...{ silent: (Number(body["flags"] ?? 0) & SILENT) !== 0, edits: [], deleted: false },
    ...(file ? { file } : {}),
  };
  state.sent.push(sent);
  if (nonce !== "") state.nonces.set(nonce, sent);
  return { id: sent.id, channel_id: channel, content: sent.content };
}

function checkBody(body: Record<string, unknown>, file: Asked["file"]): void {
  const content = String(body["content"] ?? "");
  if (content.length > 2000) throw new Refusal(400, 50035, "Invalid Form Body: Must be 2000 or fewer in length.");
  if (content.trim() === "" && !file) throw new Refusal(400, 50006, "Cannot send an empty message");
  if (String(body["nonce"] ?? "").length > 25) throw new Refusal(400, 50035, "Invalid Form Body: nonce");
  if (buttonsOf(body).some((one) => one.custom_id.length > 100 || one.label.length > 80))
    throw new Refusal(400, 50035, "Invalid Form Body: components");
}

function buttonsOf(body: Record<string, unknown>): DiscordSent["buttons"] {
  const rows = (body["components"] ?? []) as { components: DiscordSent["buttons"] }[];
  return rows.flatMap(({ components }) => components);
}
