import { AppError } from "../base/appError.ts";
import { type Clock, isoTime } from "../base/clock.ts";
import { linkedWires } from "../base/linkedWires.ts";
import type { Log } from "../base/log.ts";
import type { Core } from "../core/core.ts";
import type { Wire } from "../protocol/frame.ts";
import type { Origin } from "../protocol/message.ts";
import type { Gate } from "./access.ts";
import { isLoopback } from "./address.ts";
import { createAttempts } from "./attempts.ts";
import { checkBind } from "./bindRules.ts";
import { createConnections } from "./connections.ts";
import type { Endpoint } from "./endpoint.ts";
import { toEndpoints } from "./endpoints/api.ts";
import { createHealth } from "./endpoints/health.ts";
import { createOpenApi } from "./endpoints/openapi.ts";
import { socketEndpoint } from "./endpoints/socket.ts";
import { listHosts } from "./hosts.ts";
import { createHttpServer } from "./httpServer.ts";
import { createIdempotency } from "./idempotency.ts";
import { listen } from "./listen.ts";
import { createRequestServer, originOf } from "./requestServer.ts";
import type { GatewayControl, Scope } from "./route.ts";
import { type CallRecord, createRouteCaller } from "./routeCaller.ts";
import { createRouter } from "./router.ts";
import { routeTable } from "./routeTable.ts";
import { createSocketServer } from "./socketServer.ts";
import { stopServers } from "./stopServers.ts";
import { openTls, type TlsChoice } from "./tls.ts";
import { createTokens, type NamedToken, type Tokens } from "./tokens.ts";
import { serveWire } from "./wire.ts";

export interface GatewayOptions {
  core: Core;
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Nobody chose the port, so a taken one gives way to the next, up to 3010. */
  portIsDefault?: boolean;
  tls?: TlsChoice;
  /** Where a self-signed certificate is kept. */
  stateDir: string;
  /** At least one; the first is the one that is rotated by default. */
  tokens: NamedToken[];
  /** Web origins that may call; none by default. */
  origins?: string[];
  /** Names besides the loopback ones that clients may reach it by. */
  hostNames?: string[];
  log: Log;
  clock: Clock;
  version: string;
  /** Known only to who may read the state folder; lets them tell this gateway from a stranger on its port. */
  nonce?: string;
  /** Makes the new token durable before it counts. Rejecting keeps the old one. */
  onTokenRotated?: (name: string, value: string) => Promise<void>;
  /** Told of every call, for the audit log. */
  onCall?: (record: CallRecord) => void;
  /** Doors for other clients, next to the routes. */
  endpoints?: Endpoint[];
}

export interface Gateway extends GatewayControl {
  readonly url: string;
  readonly port: number;
  readonly tokens: Tokens;
  /** The certificate that clients must trust, in PEM, when TLS is on. */
  readonly certificate?: string;
  /** Serves a wire that the caller has; returns when it is ready. */
  serve(wire: Wire, peer: { origin: Origin; scope: Scope }): void;
  /** A wire to the gateway within this process, with every right. */
  connect(origin: Origin): Wire;
  /** Ends what is open, saying why, and resolves within 2 s. */
  close(reason?: string): Promise<void>;
}

// The answer to a rotation leaves before its wire is closed.
const FAREWELL_MS = 100;

/** Serves the core's routes over HTTP, WebSockets and wires of this process. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { core, log, clock } = options;
  if (options.tokens.length === 0) throw new AppError("bad_request", "The gateway needs at least one token");
  checkBind({ host: options.host, tls: options.tls !== undefined, tokens: options.tokens });
  const tls = options.tls && (await openTls(options.tls, options));

  const tokens = createTokens(options.tokens);
  const connections = createConnections();
  const closing = new AbortController();
  const wires = new Set<Wire>();
  const startedAt = isoTime(clock.now());

  const control: GatewayControl = {
    status: () => ({ version: options.version, url, pid: process.pid, startedAt, connections: connections.size }),
    async rotateToken(name = tokens.names()[0]!) {
      tokens.value(name);
      const value = tokens.fresh();
      await options.onTokenRotated?.(name, value);
      tokens.replace(name, value);
      return value;
    },
  };
  tokens.onDied(() => {
    setTimeout(
      () => connections.closeWhere(({ holder }) => !tokens.isGood(holder), "token rotated"),
      FAREWELL_MS,
    ).unref();
  });

  const caller = createRouteCaller({
    core,
    gateway: control,
    idempotency: createIdempotency(core.store, clock),
    ...(options.onCall ? { onCall: options.onCall } : {}),
  });
  const methods = new Map(
    routeTable.flatMap((route) => [route.name, ...(route.aliases ?? [])].map((name) => [name, route])),
  );
  const serve = (wire: Wire, peer: { origin: Origin; scope: Scope; isGood?: () => boolean }) => {
    wires.add(wire);
    wire.onClose(() => wires.delete(wire));
    serveWire(wire, { caller, routes: methods, log, ...peer });
  };

  const api = routeTable.flatMap((route) => toEndpoints(route, { caller, connections, clock }));
  const pages = [createHealth(options.nonce), createOpenApi(routeTable, options.version), socketEndpoint];
  const gate: Gate = {
    hosts: new Set(),
    origins: new Set(options.origins ?? []),
    tokens,
    attempts: createAttempts(clock),
    router: createRouter([...api, ...pages, ...(options.endpoints ?? [])]),
  };
  const sockets = createSocketServer(connections, (wire, { holder, origin }) => {
    serve(wire, { origin, scope: holder.scope, isGood: () => tokens.isGood(holder) });
  });
  const requests = createRequestServer({
    gate,
    log,
    closing: closing.signal,
    onSocket: (request, socket, head, admitted) => {
      sockets.open(request, socket, head, { holder: admitted.holder, origin: originOf(admitted) });
    },
  });
  const { servers, port } = await listen(() => createHttpServer(requests, tls), options);
  gate.hosts = listHosts({ host: options.host, port, tls: tls !== undefined, names: options.hostNames ?? [] });
  const url = `${tls ? "https" : "http"}://${nameOf(options.host)}:${port}`;
  log.info(`The gateway listens on ${url}`);

  let closed: Promise<void> | undefined;
  return {
    ...control,
    url,
    port,
    tokens,
    ...(tls ? { certificate: tls.cert } : {}),
    serve,
    connect(origin) {
      const [mine, theirs] = linkedWires();
      serve(mine, { origin, scope: "admin" });
      return theirs;
    },
    close(reason = "the gateway is shutting down") {
      closed ??= (async () => {
        closing.abort(reason);
        connections.closeWhere(() => true, reason);
        for (const wire of [...wires]) wire.close(reason);
        await stopServers(servers);
      })();
      return closed;
    },
  };
}

/** What clients of this machine reach the host by. */
function nameOf(host: string): string {
  if (isLoopback(host) || host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
