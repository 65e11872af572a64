import * as http from "node:http";
import { type AddressInfo, connect, isIP, type LookupFunction, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { AppError, isAppError } from "../base/appError.ts";
import { BoundedMap } from "../base/boundedMap.ts";
import { defined } from "../base/defined.ts";
import { addressPatience } from "./addressPatience.ts";
import { createNetworkGuard } from "./networkGuard.ts";
import { addressKind } from "./publicAddress.ts";
import { refuseUpgrade } from "./refuseUpgrade.ts";

/**
 * The only way out for one context's pages, or for one command: a proxy that resolves every host itself and connects to
 * nothing but the addresses it has checked, so that neither a redirect nor a second answer of a name server leads elsewhere.
 */
export interface EgressProxy {
  /** "" when it listens on a socket file. */
  readonly url: string;
  /** Why the last request to a host was refused; undefined when it was not. */
  refusal(host: string): string | undefined;
  /** Whether the last request to a host was let through to this machine, and could go nowhere else. */
  isOwn(host: string): boolean;
  /** What is refused as it stands, by host: why. The oldest are forgotten. */
  refusals(): ReadonlyMap<string, string>;
  /** Ends every connection that goes through it, and takes no more. */
  close(): void;
}

export interface EgressProxyOptions {
  allowLoopback: () => boolean;
  /** Replaces the system's resolver, in tests. */
  resolve?: (host: string) => Promise<string[]>;
  /** Nothing gets through: for what the browser itself would like to fetch. */
  closed?: boolean;
  /** Why a host is not let through, before its name is looked up; undefined when it is. All are, when not given. */
  refuses?: (host: string, port: string) => string | undefined;
  /** The socket file to listen on; loopback when not given. */
  socketFile?: string;
}

const MAX_REFUSALS = 200;
/** More than programs open side by side, and less than would use up what this process may have open. */
const MAX_CLIENTS = 256;

/** What a proxy knows, and what is open through it. */
interface Egress {
  options: EgressProxyOptions;
  /** Why the last request to a host was refused. */
  refusals: BoundedMap<string, string>;
  /** Whether a host that was let through could be on this machine only. */
  own: BoundedMap<string, boolean>;
  sockets: Set<Duplex>;
  agent: http.Agent;
}

export async function openEgressProxy(options: EgressProxyOptions): Promise<EgressProxy> {
  const egress: Egress = {
    options,
    refusals: new BoundedMap(MAX_REFUSALS),
    own: new BoundedMap(MAX_REFUSALS),
    sockets: new Set(),
    agent: new http.Agent({ keepAlive: true }),
  };
  const server = http.createServer((request, response) => {
    forward(egress, request, response).catch(() => response.destroy());
  });
  server.on("connect", (request, client, head) => {
    tunnel(egress, request, client, head).catch(() => client.destroy());
  });
  server.on("connection", (socket) => keep(egress, socket));
  // Pages may wait long for an answer, and send long ones.
  server.requestTimeout = 0;
  server.maxConnections = MAX_CLIENTS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (options.socketFile === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(options.socketFile, resolve);
  });
  const address = server.address();
  return {
    url: typeof address === "string" ? "" : `http://127.0.0.1:${(address as AddressInfo).port}`,
    refusal: (host) => egress.refusals.get(bare(host)),
    isOwn: (host) => egress.own.get(bare(host)) ?? false,
    refusals: () => egress.refusals,
    close() {
      server.close();
      egress.agent.destroy();
      for (const socket of egress.sockets) socket.destroy();
    },
  };
}

/** Looks a host up, and answers with what may be connected to. */
async function checked({ options, refusals, own }: Egress, host: string, port: string): Promise<LookupFunction> {
  try {
    if (options.closed) throw new Error("The browser's own requests are not let out");
    const reason = options.refuses?.(host, port);
    if (reason !== undefined) throw new AppError("forbidden", reason);
    const found = await addresses(host, options);
    refusals.delete(host);
    own.set(
      host,
      found.every((address) => addressKind(address) === "loopback"),
    );
    return toLookup(found);
  } catch (error) {
    refusals.set(host, isAppError(error) || options.closed ? (error as Error).message : "It could not be checked");
    throw error;
  }
}

/** A request in plain HTTP. */
async function forward(egress: Egress, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const url = URL.parse(request.url ?? "");
  // A page that talks to the proxy as to a server is no client of ours.
  if (url?.protocol !== "http:") return refuse(response, "This is a proxy for one client of its own");
  const host = bare(url.hostname);
  const lookup = await checked(egress, host, url.port || "80").catch(() => undefined);
  if (!lookup) return refuse(response, egress.refusals.get(host) ?? "");
  const isBare = /^(GET|HEAD)$/.test(request.method ?? "") && !hasBody(request);
  const send = (): http.ClientRequest => {
    const outgoing = http.request({
      host,
      port: url.port || 80,
      path: url.pathname + url.search,
      method: request.method,
      // A name of its own could reach another site of the same server.
      headers: ["Host", url.host, ...endToEnd(request.rawHeaders, "host")],
      lookup,
      ...addressPatience,
      // A line that was kept may be closed by the far end just as it is used again: what cannot be sent twice gets one of its own.
      agent: isBare ? egress.agent : false,
    });
    const giveUp = () => outgoing.destroy();
    outgoing.on("response", (answer) => passOn(answer, response));
    // Whoever wants another protocol asks for a tunnel.
    refuseUpgrade(outgoing, () => response.destroy());
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      response.off("close", giveUp);
      const isKept = isBare && outgoing.reusedSocket && CLOSED.test(error.code ?? "");
      const wasClosed = isKept && !response.headersSent && !response.destroyed;
      // A cut connection is what the page would have seen without us.
      if (wasClosed) send().end();
      else response.destroy();
    });
    response.on("close", giveUp);
    return outgoing;
  };
  if (isBare) send().end();
  else request.pipe(send());
}

/** What a line says whose far end is gone; an answer that is none is no such thing. */
const CLOSED = /^(ECONNRESET|ECONNABORTED|EPIPE)$/;

function hasBody({ headers }: http.IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}

function passOn(answer: http.IncomingMessage, response: http.ServerResponse): void {
  answer.on("error", () => response.destroy());
  try {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
  } catch {
    // A status or a reason that nobody may pass on: any server can send it.
    return void response.destroy();
  }
  answer.pipe(response);
}

/** Bytes both ways: TLS, WebSockets. */
async function tunnel(egress: Egress, request: http.IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
  client.on("error", () => client.destroy());
  const target = URL.parse(`http://${request.url ?? ""}`);
  const host = bare(target?.hostname ?? "");
  const port = target?.port || "80";
  const lookup = await checked(egress, host, port).catch(() => undefined);
  if (!lookup) return void client.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
  const upstream = connect({ host, port: Number(port), lookup, noDelay: true, ...addressPatience });
  keep(egress, upstream);
  upstream.on("connect", () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on("error", () => {});
  // What came before a clean end is still on its way to a client that reads slowly.
  upstream.on("close", () => (upstream.readableEnded ? (client as Socket).destroySoon() : client.destroy()));
  client.on("close", () => upstream.destroy());
}

function keep({ sockets }: Egress, socket: Duplex): void {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
}

/** All addresses of a host, checked. */
async function addresses(host: string, { allowLoopback, resolve }: EgressProxyOptions): Promise<string[]> {
  const guard = createNetworkGuard({ allowLoopback: allowLoopback(), ...defined({ resolve }) });
  return guard.addresses(host);
}

/** Answers with what was checked, and never asks again. */
function toLookup(found: string[]): LookupFunction {
  const rows = found.map((address) => ({ address, family: isIP(address) }));
  return (_host, wanted, callback) => {
    if (wanted.all) callback(null, rows);
    else callback(null, rows[0]!.address, rows[0]!.family);
  };
}

const bare = (host: string): string =>
  host
    .replace(/^\[|\]$/g, "")
    .replace(/\.+$/, "")
    .toLowerCase();

const HOP_BY_HOP = new Set("proxy-connection proxy-authorization connection keep-alive te trailer upgrade".split(" "));

/** Headers as they came, repeated ones included, without those that are between two neighbours only. */
function endToEnd(raw: string[], without = ""): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (!HOP_BY_HOP.has(name) && name !== without) kept.push(raw[at]!, raw[at + 1]!);
  }
  return kept;
}

function refuse(response: http.ServerResponse, reason: string): void {
  response.writeHead(403, { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" });
  response.end(`Not opened by Pincer: ${reason}\n`);
}
