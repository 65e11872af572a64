import type { Server } from "node:http";
import type { Server as TlsServer } from "node:https";
import { isAppError } from "../../base/appError.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import { every, sleep } from "../../base/wait.ts";
import { isPlainLoopback } from "../../net/loopback.ts";
import {
  createHosts,
  type Hosts,
  type ListAddresses,
  listReachable,
  ownAddresses,
  type Place,
  type ServedHosts,
} from "../auth/hosts.ts";
import { createHttpServer } from "../http/httpServer.ts";
import { listen } from "./listen.ts";
import type { RequestServer } from "../http/requestServer.ts";
import { leavePort, stopServers } from "./stopServers.ts";
import { certificateNames, openTls, type TlsChoice, type TlsPair } from "./tls.ts";

export interface Address {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Nobody chose the port, so a taken one gives way to the next, up to 3010. */
  portIsDefault?: boolean;
  tls?: TlsChoice;
  /** Further names that a self-signed certificate is for. */
  names?: string[];
}

export interface Binding {
  url: string;
  port: number;
  /** The certificate that clients know it by, in PEM, its issuers after it, when TLS is on. */
  certificate?: string;
  /** What other machines may reach it by now, the likeliest first: names of the certificate, then addresses. */
  reachable(): string[];
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
  createRequests: (hosts: Hosts) => RequestServer;
  /** Told when another certificate is served at the same address, unasked. */
  onRenewed?: () => void;
  /** The addresses of this machine; asked of the system when not given. */
  listAddresses?: ListAddresses;
}

/** How often it is looked whether the certificate was renewed, or is to be. */
const LOOK_MS = 3_600_000;
// A client that has read the old address a moment ago still gets through.
const LINGER_MS = 1000;
const PORT_TRIES = 20;
const PORT_PAUSE_MS = 50;

interface Bound extends Binding {
  address: Address;
  servers: Server[];
  pair?: TlsPair;
  hosts: ServedHosts;
}

export async function openBindings(first: Address, options: BindingsOptions): Promise<Bindings> {
  const { log, stateDir, clock, listAddresses = ownAddresses } = options;
  const left = new Set<Server[]>();
  const moves = new Lanes();

  const bind = async (address: Address, pair: TlsPair | undefined): Promise<Bound> => {
    // Told once there is a port; until then nothing is let in.
    const hosts = createHosts(clock, listAddresses);
    const requests = options.createRequests(hosts);
    const { servers, port } = await listen(() => createHttpServer(requests, pair), address);
    const { host } = address;
    const place = { host, port, tls: pair !== undefined };
    const url = `${pair ? "https" : "http"}://${nameOf(host)}:${port}`;
    log.info(`The gateway listens on ${url}`);
    return { address, servers, port, url, hosts, ...withPair(place, hosts, pair) };
  };

  /** What a certificate's owner is called by, the gateway answers to. */
  const withPair = (place: Place, hosts: ServedHosts, pair?: TlsPair) => {
    const names = pair ? certificateNames(pair.cert) : [];
    hosts.serve(place, [...options.hostNames, ...names]);
    const reachable = () => listReachable(place, names, listAddresses);
    return { reachable, ...(pair ? { pair, certificate: pair.cert } : {}) };
  };

  /** Resolves when the port is free. */
  const leave = async ({ servers }: Bound): Promise<void> => {
    left.add(servers);
    const { drained } = await leavePort(servers);
    void drained.then(() => left.delete(servers));
  };
  // Connections that wait to be accepted would be reset.
  const leaveSoon = (before: Bound): void => {
    left.add(before.servers);
    clock.at(clock.now() + LINGER_MS, () => {
      if (left.has(before.servers)) void leave(before);
    });
  };

  const openPair = async ({ tls, host, names = [] }: Address) =>
    tls && openTls(tls, { stateDir, hosts: [host, ...names], clock });
  let bound = await bind(first, await openPair(first));

  const move = async (address: Address): Promise<void> => {
    const pair = await openPair(address);
    const before = bound;
    if (isSame(address, before)) {
      const isOther = pair?.cert !== before.pair?.cert || pair?.key !== before.pair?.key;
      if (pair && isOther) for (const server of before.servers as unknown as TlsServer[]) server.setSecureContext(pair);
      // What is looked at from now on, when the certificate is renewed.
      bound = { ...before, address };
      const place = { host: address.host, port: before.port, tls: true };
      if (pair && isOther) Object.assign(bound, withPair(place, before.hosts, pair));
      return;
    }
    const goesOn = address.port === 0 || (address.portIsDefault && before.address.portIsDefault);
    const next = goesOn ? { ...address, port: before.port, portIsDefault: false } : address;
    if (next.port !== before.port) {
      bound = await bind(next, pair);
      leaveSoon(before);
      return;
    }
    // The port must be let go of before it can be had again; what is under way on it stays.
    await leave(before);
    try {
      bound = { ...(await untilFree(() => bind(next, pair))), address };
    } catch (error) {
      const back = { ...before.address, port: before.port, portIsDefault: false };
      bound = await untilFree(() => bind(back, before.pair));
      throw error;
    }
  };

  /** Serves the certificate as it is now: files are renewed by others, and the own one runs out. */
  const renew = async (): Promise<void> => {
    const { pair } = bound;
    if (pair) await move(bound.address);
    if (bound.pair !== pair) options.onRenewed?.();
  };
  const looking = lookOften(options, () => moves.run("", renew));

  return {
    current: () => bound,
    move: (address) => moves.run("", () => move(address)),
    async close() {
      looking.dispose();
      const all = [bound.servers, ...left];
      left.clear();
      await Promise.all(all.map((servers) => stopServers(servers)));
    },
  };
}

/** A port that was ours a moment ago may be the near end of somebody's connection by now, mostly a short one. */
async function untilFree(bind: () => Promise<Bound>): Promise<Bound> {
  for (let tries = PORT_TRIES; ; tries--) {
    try {
      return await bind();
    } catch (error) {
      if (tries === 0 || !isAppError(error) || error.code !== "conflict") throw error;
      await sleep(systemClock, PORT_PAUSE_MS);
    }
  }
}

function lookOften({ clock, log }: BindingsOptions, renew: () => Promise<void>): Disposable {
  return every(clock, LOOK_MS, () => {
    renew().catch((error: unknown) => {
      log.error("The gateway's certificate could not be renewed; it goes on with the one from before", {
        error: describeError(error),
      });
    });
  });
}

/** Whether the address means where it is served already. */
function isSame(wanted: Address, { address, port, pair }: Bound): boolean {
  // What the default gave way to is not meant by who chose that port.
  const isAsBefore = wanted.port === address.port && (wanted.port === 0 || wanted.portIsDefault === true);
  const keepsPort = wanted.port === port || isAsBefore;
  return wanted.host === address.host && keepsPort && (wanted.tls !== undefined) === (pair !== undefined);
}

/** What clients of this machine reach the host by. */
function nameOf(host: string): string {
  if (isPlainLoopback(host) || host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
