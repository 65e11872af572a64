import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { type FormFile, readTelegramForm, Refusal } from "./telegramForm.ts";
import { BOT, sendMessage, type SentMessage, toMessage, toText } from "./telegramMessages.ts";
import { createWebhookPoster, type WebhookPoster } from "./telegramWebhook.ts";
import { slowly } from "./slowly.ts";

/** What goes wrong with the next calls of a method. `done`: the call was carried out before its answer was lost. */
export interface TelegramFault {
  method: string;
  chat?: number;
  times?: number;
  status?: number;
  retryAfter?: number;
  description?: string;
  parameters?: Record<string, unknown>;
  /** Raw body in place of Telegram's own. */
  body?: string;
  /** Answered with status 200 in place of what the method does. */
  says?: unknown;
  /** upload: while its body is on its way. */
  drop?: "upload" | "before" | "half" | "done";
  hang?: boolean;
}

export { BOT, type SentMessage };

export interface TelegramServer {
  url: string;
  token: string;
  sent: SentMessage[];
  /** Every call, with its parameters, in order. */
  calls: { method: string; params: Record<string, unknown> }[];
  /** Somebody writes; resolves with the message's number. */
  say(from: number, text: string, more?: Say): number;
  press(from: number, message: SentMessage, label: string): void;
  /** Puts an update in as it is: for numbers out of order, and repeats. */
  update(update: Record<string, unknown>): void;
  fail(fault: TelegramFault): void;
  files: Map<string, Buffer>;
  /** Where messages are sent to, as long as one is set: nobody else is given any. Assigned to, it is another program's. */
  webhook?: string | undefined;
  poster: WebhookPoster;
  /** What nobody has taken. */
  pending(): number;
  /** Whether it is a server of one's own, which lets a webhook be anywhere. */
  isLocal: boolean;
  /** Resolves with the first message that fits, once there is one. */
  until(fits: (message: SentMessage) => boolean): Promise<SentMessage>;
  untilCall(method: string, times?: number): Promise<void>;
  /** Texts in a chat that stand there, of what was sent with a sound. */
  texts(chat: number): string[];
  acknowledged(): number;
  close(): Promise<void>;
}

export interface Say {
  chat?: { id: number; type: string; title?: string };
  topic?: number;
  replyTo?: Record<string, unknown>;
  extra?: Record<string, unknown>;
  fromExtra?: Record<string, unknown>;
}

const TOKEN = `${BOT.id}:AAF-fake_token_of_the_tests_1234567`;

/** Telegram's Bot API over HTTP: one bot, long polling, and faults on demand. */
export async function startTelegramServer({ port = 0 } = {}): Promise<TelegramServer> {
  const state: State = {
    sent: [],
    calls: [],
    pending: [],
    faults: [],
    files: new Map(),
    nextUpdate: 1000,
    nextMessage: 1,
    waiters: new Set(),
    acknowledged: 0,
    isLocal: true,
    poster: createWebhookPoster({
      pending: () => state.pending,
      forget: (update) => (state.pending = state.pending.filter((one) => one !== update)),
      changed: () => state.changed?.(),
    }),
  };
  const server = http.createServer(
    slowly((request, response) => {
      serve(state, request, response).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    }),
  );
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const changed = () => {
    for (const waiter of [...state.waiters]) waiter();
  };
  const push = (update: Record<string, unknown>) => {
    state.pending.push(update as { update_id: number });
    state.poll?.wake();
    state.poster.look();
  };
  state.changed = changed;
  const until = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const waiter = () => {
          state.waiters.delete(waiter);
          resolve();
        };
        state.waiters.add(waiter);
      });
    }
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    sent: state.sent,
    calls: state.calls,
    files: state.files,
    poster: state.poster,
    pending: () => state.pending.length,
    get isLocal() {
      return state.isLocal;
    },
    set isLocal(isLocal) {
      state.isLocal = isLocal;
    },
    get webhook() {
      return state.poster.current()?.url;
    },
    set webhook(url) {
      state.poster.put(url);
      state.poll?.wake();
    },
    say(from, text, { chat, topic, replyTo, extra, fromExtra } = {}) {
      const id = state.nextMessage++;
      const message = {
        message_id: id,
        date: 1_700_000_000 + id,
        from: { id: from, is_bot: false, first_name: `Person ${from}`, ...fromExtra },
        chat: chat ?? { id: from, type: "private", first_name: `Person ${from}` },
        ...(text === "" ? {} : { text }),
        ...(topic === undefined ? {} : { message_thread_id: topic, is_topic_message: true }),
        ...(replyTo ? { reply_to_message: replyTo } : {}),
        ...extra,
      };
      push({ update_id: state.nextUpdate++, message });
      return id;
    },
    press(from, sent, label) {
      const button = sent.buttons.flat().find(({ text }) => text === label);
      push({
        update_id: state.nextUpdate++,
        callback_query: {
          id: `press-${state.nextUpdate}`,
          from: { id: from, is_bot: false, first_name: `Person ${from}` },
          message: {
            message_id: sent.id,
            chat: { id: sent.chat, type: sent.chat > 0 ? "private" : "supergroup" },
            ...(sent.topic === undefined ? {} : { message_thread_id: sent.topic, is_topic_message: true }),
            from: BOT,
          },
          data: button?.callback_data ?? label,
        },
      });
    },
    update: push,
    fail: (fault) => void state.faults.push({ times: 1, ...fault }),
    until: (fits) => until(() => state.sent.find(fits)),
    untilCall: async (method, times = 1) => {
      await until(() => (state.calls.filter((call) => call.method === method).length >= times ? true : undefined));
    },
    texts: (chat) =>
      state.sent.filter((one) => one.chat === chat && !one.deleted && !one.silent).map(({ text }) => text),
    acknowledged: () => state.acknowledged,
    close: () =>
      new Promise((resolve) => {
        state.poster.delete();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface State {
  sent: SentMessage[];
  calls: { method: string; params: Record<string, unknown> }[];
  pending: { update_id: number }[];
  faults: (TelegramFault & { times?: number })[];
  files: Map<string, Buffer>;
  poster: WebhookPoster;
  isLocal: boolean;
  nextUpdate: number;
  nextMessage: number;
  waiters: Set<() => void>;
  /** The newest offset that a poller has sent. */
  acknowledged: number;
  poll?: { wake(): void; end(by?: string): void };
  changed?: () => void;
}

async function serve(state: State, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const path = decodeURIComponent(request.url ?? "");
  const cut = state.faults.find((one) => one.drop === "upload" && path.endsWith(`/${one.method}`));
  if (cut) {
    state.faults.splice(state.faults.indexOf(cut), 1);
    request.once("data", () => request.socket.destroy());
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  if (path.startsWith(`/file/bot${TOKEN}/`)) {
    const file = state.files.get(path.slice(`/file/bot${TOKEN}/`.length));
    response.writeHead(file ? 200 : 404).end(file);
    return;
  }
  const [, token, method = ""] = /^\/bot([^/]*)\/(\w+)$/.exec(path) ?? [];
  if (token !== TOKEN) return answer(response, 401, { ok: false, error_code: 401, description: "Unauthorized" });
  const { params, file } = readTelegramForm(request.headers["content-type"] ?? "", Buffer.concat(chunks));
  state.calls.push({ method, params });
  state.changed?.();
  const fault = takeFault(state, method, params);
  if (fault?.hang) return undefined;
  if (fault?.drop === "before") return void request.socket.destroy();
  if (fault?.says !== undefined) {
    const said = typeof fault.says === "string" ? fault.says : JSON.stringify(fault.says);
    return void response.writeHead(200, { "content-type": "application/json" }).end(said);
  }
  let status = 200;
  let body: unknown;
  try {
    if (fault && fault.drop === undefined) {
      const parameters = fault.retryAfter === undefined ? fault.parameters : { retry_after: fault.retryAfter };
      throw new Refusal(fault.status ?? 400, fault.description ?? "Bad Request: as the test says", parameters);
    }
    body = { ok: true, result: await carryOut(state, { method, params, file, response }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    status = error.status;
    body = {
      ok: false,
      error_code: status,
      description: error.message,
      ...(error.parameters ? { parameters: error.parameters } : {}),
    };
  }
  state.changed?.();
  if (fault?.drop === "done") return void request.socket.destroy();
  if (fault?.drop === "half") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
    response.write('{"ok":true,"resul');
    setImmediate(() => request.socket.destroy());
    return undefined;
  }
  if (fault?.body !== undefined)
    return void response.writeHead(status, { "content-type": "text/html" }).end(fault.body);
  return answer(response, status, body);
}

function answer(response: http.ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function takeFault(state: State, method: string, params: Record<string, unknown>): TelegramFault | undefined {
  const found = state.faults.find(
    (fault) => fault.method === method && (fault.chat === undefined || fault.chat === Number(params["chat_id"])),
  );
  if (found && --found.times! <= 0) state.faults.splice(state.faults.indexOf(found), 1);
  return found;
}

interface Call {
  method: string;
  params: Record<string, unknown>;
  file?: FormFile | undefined;
  response: http.ServerResponse;
}

async function carryOut(state: State, call: Call): Promise<unknown> {
  const { method, params } = call;
  if (method === "getMe") return BOT;
  if (method === "getUpdates") return getUpdates(state, call);
  if (method === "setWebhook") {
    state.poll?.end("Conflict: terminated by setWebhook request");
    state.poster.set(params, call.file, state.isLocal);
    return true;
  }
  if (method === "deleteWebhook") {
    if (params["drop_pending_updates"] === true) state.pending = [];
    state.poster.delete();
    return true;
  }
  if (method === "getWebhookInfo") return state.poster.info();
  if (method === "getFile") return { file_id: params["file_id"], file_path: String(params["file_id"]) };
  if (method === "sendMessage" || method === "sendDocument" || method === "sendPhoto")
    return sendMessage(call, state.sent, () => state.nextMessage++);
  if (method === "editMessageText") {
    const sent = messageOf(state, params);
    const { text } = toText(params);
    if (sent.text === text) throw new Refusal(400, "Bad Request: message is not modified");
    sent.edits.push(text);
    sent.text = text;
    sent.buttons = [];
    return toMessage(sent);
  }
  if (method === "deleteMessage") {
    messageOf(state, params).deleted = true;
    return true;
  }
  return true;
}

function messageOf(state: State, params: Record<string, unknown>): SentMessage {
  const found = state.sent.find(({ id, deleted }) => id === Number(params["message_id"]) && !deleted);
  if (!found) throw new Refusal(400, "Bad Request: message to edit not found");
  return found;
}

/** The one who polls later ends the one who polled before, as Telegram does. */
async function getUpdates(state: State, { params, response }: Call): Promise<unknown> {
  if (state.poster.current())
    throw new Refusal(
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  state.poll?.end();
  const offset = params["offset"] === undefined ? undefined : Number(params["offset"]);
  if (offset !== undefined) {
    state.acknowledged = Math.max(state.acknowledged, offset);
    state.pending = state.pending.filter((update) => update.update_id >= offset);
    state.changed?.();
  }
  if (state.pending.length === 0) {
    let own: State["poll"];
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, Number(params["timeout"] ?? 0) * 1000);
      response.once("close", resolve);
      own = {
        wake: resolve,
        end: (
          by = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ) => reject(new Refusal(409, by)),
      };
      state.poll = own;
      void timer.unref();
    }).finally(() => {
      if (state.poll === own) delete state.poll;
    });
  }
  return state.pending.slice(0, 100);
}
