import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { proofOf } from "../../src/net/gatewayProof.ts";

/** What the fake gateway proves to know, as the gateway does that wrote gateway.json. */
export const NONCE = "nonce-of-the-fake-gateway";

export interface Seen {
  method: string;
  path: string;
  token: string | undefined;
  client: string | undefined;
  accept: string | undefined;
  body: unknown;
}

export type Answer =
  | { status?: number; json: unknown; /** Answered when so many requests have come. */ afterSeen?: number }
  | {
      events: unknown[];
      /** What comes once so many requests have come; the connection stays open until then. */ later?: Later;
    }
  | { raw: string; status?: number };

interface Later {
  afterSeen: number;
  events: unknown[];
}

export interface FakeGateway {
  url: string;
  seen: Seen[];
  /** What the next requests get, by "POST /api/sessions/send". */
  answers: Record<string, Answer>;
  close(): Promise<void>;
}

/** A server that notes what it is asked and answers what it is told to. */
export async function openFakeGateway(): Promise<FakeGateway> {
  const seen: Seen[] = [];
  const answers: Record<string, Answer> = {};
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await text(request);
    const path = request.url ?? "";
    const { authorization, accept } = request.headers;
    const challenge = /^\/health\?challenge=(.*)$/.exec(path)?.[1];
    if (challenge !== undefined && answers["GET /health"] === undefined) {
      return end(response, 200, { ok: true, proof: proofOf(NONCE, challenge, request.socket.localPort ?? 0) });
    }
    seen.push({
      method: request.method ?? "",
      path,
      token: authorization?.replace("Bearer ", ""),
      client: request.headers["x-pincer-client"]?.toString(),
      accept,
      body: raw === "" ? undefined : JSON.parse(raw),
    });
    const found = answers[`${request.method} ${path.split("?")[0]}`];
    if (!found) return end(response, 404, { error: { code: "not_found", message: `No route ${path}` } });
    if ("json" in found) await seenAll(found.afterSeen ?? 0);
    if ("json" in found) return end(response, found.status ?? 200, found.json);
    if ("raw" in found) return void response.writeHead(found.status ?? 200).end(found.raw);
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": hello\n\n");
    const tell = (events: unknown[]) => {
      for (const event of events) response.write(`id: 1\nevent: x\ndata: ${JSON.stringify(event)}\n\n`);
    };
    tell(found.events);
    if (found.later) {
      await seenAll(found.later.afterSeen);
      tell(found.later.events);
    }
    response.end();
  }

  async function seenAll(count: number): Promise<void> {
    while (seen.length < count) await new Promise((wake) => setTimeout(wake, 20));
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function end(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(json));
}
