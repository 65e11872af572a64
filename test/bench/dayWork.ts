import type { Socket } from "node:net";
import type { Script } from "../fakes/modelTurn.ts";
import type { GatewayProcess } from "./gatewayProcess.ts";
import { leave, openClient, openReader, toGet, toPost, toUpgrade } from "./rawClient.ts";

/** What is asked of a gateway all day, through every door, and left in the middle of. */
export interface DayWork {
  /** What the model says to it. */
  script: Script;
  /** By what it is: does it once, in the session of that key. Resolves when its client has what it wanted, or has left. */
  pieces(gateway: GatewayProcess): Record<string, Piece>;
}

export type Piece = (sessionKey: string) => Promise<unknown>;

/** Two moments of one answer of the model. */
interface Hold {
  asked: PromiseWithResolvers<void>;
  told: PromiseWithResolvers<void>;
}

export function createDayWork(): DayWork {
  const holds = new Map<string, Hold>();
  let made = 0;
  /** Has `begin` ask for an answer that does not come before `end` is done. */
  const whileAsked = async <Begun>(
    begin: (text: string) => Promise<Begun>,
    end: (begun: Begun) => Promise<unknown>,
  ) => {
    const text = `held ${(made += 1)}.`;
    const hold = { asked: Promise.withResolvers<void>(), told: Promise.withResolvers<void>() };
    holds.set(text, hold);
    const begun = await begin(text);
    await hold.asked.promise;
    await end(begun);
    holds.delete(text);
    hold.told.resolve();
  };
  return {
    async script({ text, toolResults }) {
      const hold = holds.get(/held \d+\./.exec(text)?.[0] ?? "");
      hold?.asked.resolve();
      await hold?.told.promise;
      if (text.includes("tools") && toolResults.length === 0) return { toolCalls };
      if (text.includes("long")) return { text: "word ".repeat(20_000), chunks: 50 };
      return { text: "A short answer." };
    },
    pieces: (gateway) => ({
      ...ofRest(gateway),
      ...ofCompat(gateway),
      ...ofReaders(gateway),
      ...leftWhileAsked(gateway, whileAsked),
      "a job that is added, fired and removed": async () => {
        const job = {
          name: `Job ${(made += 1)}`,
          schedule: { kind: "every", everyMs: 3_600_000 },
          payload: { kind: "agentTurn", message: "hi" },
          sessionTarget: "isolated",
        };
        const added = (await gateway.call("/api/cron/add", { job })) as { job: { id: string } };
        await gateway.call("/api/cron/run", { id: added.job.id });
        await gateway.call("/api/cron/remove", { id: added.job.id });
      },
    }),
  };
}

const toolCalls = [
  { name: "list", input: { path: "." } },
  { name: "grep", input: { pattern: "notes" } },
];

function ofRest(gateway: GatewayProcess): Record<string, Piece> {
  return {
    "a turn over REST": (sessionKey) => gateway.call("/api/sessions/send", { message: "hi", sessionKey }),
    "a turn with calls of tools": (sessionKey) => gateway.call("/api/sessions/send", { message: "tools", sessionKey }),
    "a task that is spawned": () => gateway.call("/api/sessions/spawn", { task: "hi" }),
    "a request whose head breaks off": async () =>
      leave(await openClient(gateway, toGet(gateway, "/api/events").slice(0, -9))),
    "a request whose body breaks off": async (sessionKey) =>
      leave(
        await openClient(gateway, toPost(gateway, "/api/sessions/send", { message: "hi", sessionKey }).slice(0, -4)),
      ),
  };
}

function chat(content: string, more: object = {}) {
  return { model: "pincer", messages: [{ role: "user", content }], ...more };
}

function ofCompat(gateway: GatewayProcess): Record<string, Piece> {
  const leaveAtFirst = async (path: string, body: object) =>
    leave(await openReader(gateway, toPost(gateway, path, body)));
  return {
    "a turn over /v1": () => gateway.call("/v1/chat/completions", chat("hi")),
    "a stream of /v1 that is read to its end": async () => {
      const socket = await openClient(gateway, toPost(gateway, "/v1/chat/completions", chat("hi", { stream: true })));
      await readTo(socket, "[DONE]");
      await leave(socket);
    },
    "a short stream of /v1 that is left at its first piece": () =>
      leaveAtFirst("/v1/chat/completions", chat("hi", { stream: true })),
    "a long stream of /v1 that is left at its first piece": () =>
      leaveAtFirst("/v1/chat/completions", chat("long", { stream: true })),
    "a response of /v1 that is not kept, left at its first piece": () =>
      leaveAtFirst("/v1/responses", { model: "pincer", input: "hi", stream: true, store: false }),
  };
}

function ofReaders(gateway: GatewayProcess): Record<string, Piece> {
  return {
    "a stream of events that is left": async () => leave(await openReader(gateway, toGet(gateway, "/api/events"))),
    "a stream of what happened before, left": async () =>
      leave(await openReader(gateway, toGet(gateway, "/api/events?afterId=1"))),
    "a reader that lags, and leaves after a turn": async (sessionKey) => {
      const socket = await openReader(gateway, toUpgrade(gateway, "events.subscribe", {}));
      await gateway.call("/api/sessions/send", { message: "long", sessionKey });
      await leave(socket);
    },
  };
}

type WhileAsked = <Begun>(
  begin: (text: string) => Promise<Begun>,
  end: (begun: Begun) => Promise<unknown>,
) => Promise<void>;

function leftWhileAsked(gateway: GatewayProcess, whileAsked: WhileAsked): Record<string, Piece> {
  const leftPost = (path: string, toBody: (text: string) => object) =>
    whileAsked((text) => openClient(gateway, toPost(gateway, path, toBody(text))), leave);
  return {
    "a turn over REST that is left while the model is asked": (sessionKey) =>
      leftPost("/api/sessions/send", (message) => ({ message, sessionKey })),
    "a turn over a WebSocket that is left while the model is asked": (sessionKey) =>
      whileAsked((message) => openClient(gateway, toUpgrade(gateway, "sessions.send", { message, sessionKey })), leave),
    "a turn over /v1 that is left while the model is asked": () =>
      leftPost("/v1/chat/completions", (text) => chat(text)),
    "a stream of /v1 that is left while the model is asked": () =>
      leftPost("/v1/chat/completions", (text) => chat(text, { stream: true })),
    "a run that is stopped": (sessionKey) =>
      whileAsked(
        (message) => gateway.call("/api/sessions/send", { message, sessionKey, timeoutSeconds: 0 }),
        ({ runId }) => gateway.call("/api/runs/cancel", { runId }),
      ),
  };
}

/** Resolves when these words came. */
async function readTo(socket: Socket, words: string): Promise<void> {
  let text = "";
  const done = Promise.withResolvers<void>();
  socket.on("data", (bytes) => {
    text += String(bytes);
    if (text.includes(words)) done.resolve();
  });
  socket.once("close", () => done.reject(new Error(`It ended without ${words}: ${text}`)));
  await done.promise;
}
