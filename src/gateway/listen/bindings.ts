import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { isPlainLoopback } from "../../net/loopback.ts";
import { listHosts } from "../auth/hosts.ts";
import { createHttpServer } from "../http/httpServer.ts";
import { listen } from "./listen.ts";
import type { RequestServer } from "../http/requestServer.ts";
import { drainServers, stopServers } from "./stopServers.ts";
import { openTls, type TlsChoice, type TlsPair } from "./tls.ts";

export interface Address {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Nobody chose the port, so a taken one gives way to the next, up to 3010. */
  portIsDefault?: boolean;
  tls?: TlsChoice;
}

export interface Binding {
  url: string;
  port: number;
  /** The certificate that clients must trust, in PEM, when TLS is on. */
  certificate?: string;
}

/** Where the gateway is served: one address, and those it has left while their last answers go out. */
export interface Bindings {
  current(): Binding;
  /** Serves at another address, and drops nothing that is under way at the old one. Rejecting leaves all as it was. */
  move(address: Address): Promise<void>;
  close(): Promise<void>;
}

export interface BindingsOptions {
  stateDir: string;
  clock: Clock;
  log: Log;
  /** Further names that clients may reach it by. */
  hostNames: string[];
  /** Answers what comes for any of these Hosts. */
  createRequests: (hosts: ReadonlySet<string>) => RequestServer;
}

// A client that has read the old address a moment ago still gets through.
const LINGER_MS = 1000;

interface Bound extends Binding {
  address: Address;
  servers: Server[];
  pair?: TlsPair;
}

export async function openBindings(first: Address, options: BindingsOptions): Promise<Bindings> {
  const { log, stateDir, clock } = options;
  const left = new Set<Server[]>();

  const bind = async (address: Address, pair: TlsPair | undefined): Promise<Bound> => {
    // Filled once there is a port; until then nothing is let in.
    const hosts = new Set<string>();
    const requests = options.createRequests(hosts);
    const { servers, port } = await listen(() => createHttpServer(requests, pair), address);
    const { host } = address;
    for (const name of listHosts({ host, port, tls: pair !== undefined, names: options.hostNames })) hosts.add(name);
    const url = `${pair ? "https" : "http"}://${nameOf(host)}:${port}`;
    log.info(`The gateway listens on ${url}`);
    return { address, servers, port, url, ...(pair ? { pair, certificate: pair.cert } : {}) };
  };

  const leave = ({ servers }: Bound): void => {
    left.add(servers);
    void drainServers(servers).then(() => left.delete(servers));
  };
  // Connections that wait to be accepted would be reset.
  const leaveSoon = (before: Bound): void => {
    left.add(before.servers);
    clock.at(clock.now() + LINGER_MS, () => left.has(before.servers) && leave(before));
  };

  const openPair = async ({ tls, host }: Address) => tls && openTls(tls, { stateDir, host, clock });
  let bound = await bind(first, await openPair(first));

  return {
    current: () => bound,
    async move(address) {
      const pair = await openPair(address);
      const before = bound;
      if (isSame(address, before)) {
        if (pair?.cert === before.pair?.cert && pair?.key === before.pair?.key) return;
        if (pair && before.pair) {
          for (const server of before.servers as unknown as TlsServer[]) server.setSecureContext(pair);
          bound = { ...before, pair, certificate: pair.cert };
          return;
        }
      }
      const goesOn = address.port === 0 || (address.portIsDefault && before.address.portIsDefault);
      const next = goesOn ? { ...address, port: before.port, portIsDefault: false } : address;
      if (next.port !== before.port) {
        bound = await bind(next, pair);
        leaveSoon(before);
        return;
      }
      // The port must be let go of before it can be had again; what is under way on it stays.
      leave(before);
      try {
        bound = { ...(await bind(next, pair)), address };
      } catch (error) {
        bound = await bind({ ...before.address, port: before.port, portIsDefault: false }, before.pair);
        throw error;
      }
    },
    async close() {
      const all = [bound.servers, ...left];
      left.clear();
      await Promise.all(all.map((servers) => stopServers(servers)));
    },
  };
}

/** Whether the address means where it is served already. */
function isSame(wanted: Address, { address, port, pair }: Bound): boolean {
  const keepsPort = wanted.port === address.port || wanted.port === port;
  return wanted.host === address.host && keepsPort && (wanted.tls !== undefined) === (pair !== undefined);
}

/** What clients of this machine reach the host by. */
function nameOf(host: string): string {
  if (isPlainLoopback(host) || host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
