import { newId } from "../base/id.ts";
import { AppError, fromErrorBody } from "../base/appError.ts";
import { type Clock, isoTime } from "../base/clock.ts";
import { linkedWires } from "../net/linkedWires.ts";
import type { Log } from "../base/log.ts";
import { defined } from "../base/defined.ts";
import type { Core } from "../core/core.ts";
import { goneAway } from "../protocol/client.ts";
import type { Wire } from "../protocol/frame.ts";
import type { Hook } from "../protocol/hooks/hook.ts";
import type { Origin } from "../protocol/message.ts";
import { bindFaults, remoteFaults } from "../net/bindRules.ts";
import { plainHost } from "../net/loopback.ts";
import { createAttempts } from "./auth/attempts.ts";
import { type Address, type Binding, type BindingsOptions, openBindings } from "./listen/bindings.ts";
import { type Connections, createConnections } from "./auth/connections.ts";
import { Lanes } from "../base/turns/lanes.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { toEndpoints } from "./http/apiEndpoints.ts";
import { toAudited } from "./http/audited.ts";
import { createCompatEndpoints } from "./compat/index.ts";
import { createChannelDoor } from "./hooks/channelDoor.ts";
import { createHookDesk } from "./hooks/hookDesk.ts";
import { createHookDoor } from "./hooks/hookDoor.ts";
import { createPhoneDesk, type RunningPhoneDesk } from "./phones/createPhoneDesk.ts";
import { createPhoneDoor } from "./phones/phoneDoor.ts";
import { createPushKeys, type PushKeys } from "./phones/push/pushKeys.ts";
import { checkEndpoint, type PostPush, postPush } from "./phones/push/sendPush.ts";
import { tellPhones } from "./phones/push/tellPhones.ts";
import { createPhonePage, type PhoneFiles } from "./phones/phonePage.ts";
import { createHealth } from "./http/healthEndpoint.ts";
import { createOpenApi } from "./docs/openapiEndpoint.ts";
import { socketEndpoint } from "./ws/socketEndpoint.ts";
import { createIdempotency } from "./calls/idempotency.ts";
import { createRequestLimits } from "./auth/requestLimits.ts";
import { createRefusals } from "./auth/refusals.ts";
import { createRequestServer, type RequestServerOptions } from "./http/requestServer.ts";
import type { AuditReader, GatewayControl, LogReader } from "./calls/route.ts";
import type { Scope } from "./calls/scope.ts";
import { type CallRecord, createRouteCaller } from "./calls/routeCaller.ts";
import { createRouter } from "./http/router.ts";
import { routeTable } from "./routes/routeTable.ts";
import { createSocketServer } from "./ws/socketServer.ts";
import { isSelfSigned, type TlsChoice } from "./listen/tls.ts";
import { createTokens, type NamedToken, type Tokens } from "./auth/tokens.ts";
import { createWires } from "./ws/wires.ts";

export interface GatewayOptions {
  core: Core;
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Nobody chose the port, so a taken one gives way to the next, up to 3010. */
  portIsDefault?: boolean;
  tls?: TlsChoice;
  /** Further names that a self-signed certificate is for. */
  names?: string[];
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
  audit?: AuditReader;
  logs?: LogReader;
  /** What others may post to /hooks/NAME, by name; nothing when not given. */
  hooks?: () => Record<string, Hook>;
  /** Serves the page for phones, and lets paired ones in. Not where only this machine reaches it, or without TLS. */
  remote?: boolean;
  /** What that page is made of; absent: there is only the door for phones. */
  phoneFiles?: PhoneFiles;
  /** Told when a phone came in or was removed, or codes are void. */
  onPhonesChanged?: () => void;
  /** Told when another certificate is served than clients know it by, unasked. */
  onRenewed?: () => void;
  /** Posts what phones are told to the vendors of their browsers; over the network, to public hosts, when not given. */
  postPush?: PostPush;
  /** Doors for other clients, next to the routes. */
  endpoints?: Endpoint[];
}

export interface Gateway extends GatewayControl {
  readonly url: string;
  readonly port: number;
  readonly tokens: Tokens;
  /** The certificate that clients know it by, in PEM, its issuers after it, when TLS is on. */
  readonly certificate?: string | undefined;
  /** Serves a wire that the caller has; returns when it is ready. */
  serve(wire: Wire, peer: { origin: Origin; scope: Scope }): void;
  /** A wire to the gateway within this process, with every right. Throws `unavailable` once it closes. */
  connect(origin: Origin): Wire;
  /** Puts other tokens and another address in force without dropping a request. Rejecting leaves the address as it was. */
  reconfigure(next: { tokens: NamedToken[]; address: Address; remote?: boolean }): Promise<void>;
  /** Ends what is open, saying why, and resolves within 2 s. */
  close(reason?: string): Promise<void>;
}

// The reply to a rotation leaves before its wire is closed.
const FAREWELL_MS = 100;

/** Who may come in, and from where. */
interface Access {
  tokens: Tokens;
  connections: Connections;
  /** Whether the page for phones is served. */
  remote: boolean;
}

/** Serves the core's routes over HTTP, WebSockets and wires of this process. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  checkStart(options, options.tokens);
  const { core, log, clock } = options;
  const tokens = createTokens(options.tokens);
  const connections = createConnections();
  const access: Access = { tokens, connections, remote: options.remote ?? false };
  const closing = new AbortController();
  tokens.onDied(() => closeDead(access));
  const keys = createPushKeys(options.stateDir, log);
  const phones = createPhones(options, { access, keys, binding: () => bindings.current() });
  await phones.refresh();
  const control = createControl(options, { access, phones, url: () => bindings.current().url });
  const calls = createCalls(options, control);
  const bindings = await openBindings(addressOf(options), {
    stateDir: options.stateDir,
    clock,
    log,
    hostNames: options.hostNames ?? [],
    ...defined({ onRenewed: options.onRenewed }),
    createRequests: createEntrance(options, { access, calls, phones, closing: closing.signal }),
  });
  const telling = tellPhones({ core, phones, clock, log, keys, post: options.postPush ?? postPush });

  const { wires } = calls;
  let served: Pick<GatewayOptions, "host" | "tls"> = options;
  let closed: Promise<void> | undefined;
  return {
    ...control,
    get url() {
      return bindings.current().url;
    },
    get port() {
      return bindings.current().port;
    },
    get certificate() {
      return bindings.current().certificate;
    },
    tokens,
    serve: wires.serve,
    connect(origin) {
      if (closing.signal.aborted) throw fromErrorBody(goneAway(String(closing.signal.reason)));
      const [mine, theirs] = linkedWires();
      wires.serve(mine, { origin, scope: "admin" });
      return theirs;
    },
    async reconfigure(next) {
      // A token that was taken away is dead, whether the new address can be had or not.
      if (next.tokens.length > 0) tokens.set(isAllowed(served, next.tokens) ? next.tokens : tokens.kept(next.tokens));
      // And so is the door for phones.
      if (!next.remote && access.remote) {
        access.remote = false;
        await phones.refresh();
      }
      checkStart({ ...next.address, ...defined({ remote: next.remote }) }, next.tokens);
      await bindings.move(addressOf(next.address));
      served = next.address;
      tokens.set(next.tokens);
      access.remote = next.remote ?? false;
      await phones.refresh();
    },
    close(reason = "the gateway is shutting down") {
      closed ??= (async () => {
        closing.abort(reason);
        telling.dispose();
        connections.closeWhere(() => true, reason);
        wires.closeAll(reason);
        await bindings.close();
      })();
      return closed;
    },
  };
}

function createPhones(
  { core, clock, onPhonesChanged }: GatewayOptions,
  { access, keys, binding }: { access: Access; keys: () => Promise<PushKeys>; binding: () => Binding },
): RunningPhoneDesk {
  return createPhoneDesk({
    ...{ store: core.store, clock, tokens: access.tokens, keys, checkEndpoint },
    isOn: () => access.remote,
    urls: () =>
      binding()
        .reachable()
        .map((url) => `${url}/phone/`),
    selfSigned: () => isSelfSigned(binding().certificate),
    onChanged: () => onPhonesChanged?.(),
  });
}

type Calls = ReturnType<typeof createCalls>;

/** How routes are called: by their paths and over wires, and by doors for other clients. */
function createCalls(
  { core, log, clock, onCall, nonce, version, hooks = noHooks }: GatewayOptions,
  control: GatewayControl,
) {
  const routes = new Map(
    routeTable.flatMap((route) => [route.name, ...(route.aliases ?? [])].map((name) => [name, route])),
  );
  const idempotency = createIdempotency(core.store, clock, nonce ?? newId("gateway"));
  const caller = createRouteCaller({ core, gateway: control, idempotency, ...defined({ onCall }) });
  const wires = createWires({ caller, routes, log, come: () => core.people.come() });
  // Calls within a door's request are part of that request, and not told once more.
  const inner = createRouteCaller({ core, gateway: control, idempotency });
  const doors = [
    ...createCompatEndpoints({ core, caller: inner, routes, idempotency, followUps: new Lanes(), version }),
    createHookDoor({ core, idempotency, hooks }),
    createChannelDoor(core.channels.posts),
  ];
  return { caller, wires, doors };
}

/** What is served to whoever is let in, by whichever of its addresses they come. */
function createEntrance(
  options: GatewayOptions,
  of: { access: Access; calls: Calls; phones: RunningPhoneDesk; closing: AbortSignal },
): BindingsOptions["createRequests"] {
  const { log, clock, onCall, nonce, version, phoneFiles, endpoints = [] } = options;
  const { access, phones, closing } = of;
  const { tokens, connections } = access;
  const { caller, wires, doors } = of.calls;
  const limits = createRequestLimits(clock);
  const onRefused = createRefusals(clock, onCall);
  const gate: Omit<RequestServerOptions["gate"], "hosts"> = {
    origins: new Set(options.origins ?? []),
    servesPage: () => access.remote,
    tokens,
    attempts: createAttempts(clock),
    limits,
    router: createRouter([
      ...routeTable.flatMap((route) => toEndpoints(route, caller)),
      ...(phoneFiles ? createPhonePage(phones, phoneFiles) : []),
      ...[createHealth(nonce), createOpenApi(routeTable, version), socketEndpoint],
      ...[...doors, createPhoneDoor(phones, clock), ...endpoints].map((door) => toAudited(door, { clock, onCall })),
    ]),
  };
  const sockets = createSocketServer(connections, clock, (wire, { principal, origin }) => {
    const checkToken = () => {
      if (!tokens.isGood(principal)) throw new AppError("unauthorized", "The token of this wire is not valid any more");
      limits.take(principal);
    };
    wires.serve(wire, { origin, scope: principal.scope, checkToken });
  });
  return (hosts) =>
    createRequestServer({
      ...{ gate: { ...gate, hosts }, connections, log, clock, closing, nonce, onRefused },
      onSocket: (request, socket, head, admitted) => sockets.open(request, socket, head, admitted),
    });
}

/** What routes may ask of the gateway itself. */
function createControl(
  { core, clock, version, onTokenRotated, audit, logs, hooks = noHooks }: GatewayOptions,
  { access, phones, url }: { access: Access; phones: RunningPhoneDesk; url: () => string },
): GatewayControl {
  const { tokens, connections } = access;
  const startedAt = isoTime(clock.now());
  return {
    status: () => ({ version, url: url(), pid: process.pid, startedAt, connections: connections.size }),
    async rotateToken(name = tokens.names()[0]!) {
      tokens.value(name);
      const value = tokens.fresh();
      await onTokenRotated?.(name, value);
      tokens.replace(name, value);
      return value;
    },
    hooks: createHookDesk(core, hooks),
    phones,
    ...defined({ audit, logs }),
  };
}

function noHooks(): Record<string, Hook> {
  return {};
}

function closeDead({ tokens, connections }: Access): void {
  const close = () => connections.closeWhere(({ principal }) => !tokens.isGood(principal), "token rotated");
  setTimeout(close, FAREWELL_MS).unref();
}

function addressOf({ host, port, portIsDefault = false, tls, names }: Address): Address {
  return { host: plainHost(host), port, portIsDefault, ...defined({ tls, names }) };
}

/** Whether these tokens will do where it is served. */
function isAllowed({ host, tls }: Pick<GatewayOptions, "host" | "tls">, tokens: NamedToken[]): boolean {
  return bindFaults({ host, tls: tls !== undefined, tokens }).length === 0;
}

function checkStart(
  { host, tls, remote = false }: Pick<GatewayOptions, "host" | "tls" | "remote">,
  tokens: NamedToken[],
): void {
  if (tokens.length === 0) throw new AppError("bad_request", "The gateway needs at least one token");
  const served = { host, tls: tls !== undefined };
  const [fault] = [...bindFaults({ ...served, tokens }), ...remoteFaults({ ...served, remote })];
  if (fault) throw new AppError("bad_request", fault);
}
