import { hostname, networkInterfaces } from "node:os";
import type { Clock } from "../../base/clock.ts";
import { isLoopback, isPlainLoopback, LOOPBACK_NAMES } from "../../net/loopback.ts";

/** Where a gateway is served. */
export interface Place {
  host: string;
  port: number;
  tls: boolean;
}

/** The addresses that this machine has now. */
export type ListAddresses = () => string[];

/** The Host headers that mean this gateway, in lower case. */
export interface Hosts {
  has(host: string): boolean;
}

export interface ServedHosts extends Hosts {
  /** Lets in what means the place from now on, and the names, next to those that it had. */
  serve(place: Place, names: string[]): void;
}

const LIST_AGAIN_MS = 1000;

/**
 * None until a place is served: then loopback names always, and what a wider bind can be reached by. One to every address is
 * reached by those that the machine has, which change with its network: an unknown Host has them listed anew, once a second at the most.
 */
export function createHosts(clock: Clock, listAddresses: ListAddresses): ServedHosts {
  const names = new Set<string>(LOOPBACK_NAMES);
  let hosts = new Set<string>();
  let served: Place | undefined;
  /** By the clock's steady time. */
  let listedAt = 0;
  const list = (place: Place): void => {
    listedAt = clock.steady();
    const reachable = isPlainLoopback(place.host) ? [] : reachableAs(place.host, listAddresses);
    hosts = toHosts(place, [...names, ...reachable]);
  };
  return {
    has(host) {
      if (hosts.has(host)) return true;
      if (!served || !isEveryAddress(served.host) || clock.steady() - listedAt < LIST_AGAIN_MS) return false;
      list(served);
      return hosts.has(host);
    },
    serve(place, more) {
      for (const name of more) names.add(name);
      served = place;
      list(place);
    },
  };
}

/** The addresses of the gateway as other machines may reach it: by names first, which stay when addresses change. */
export function listReachable({ host, port, tls }: Place, named: string[], listAddresses: ListAddresses): string[] {
  if (isLoopback(host)) return [];
  const isOwn = (name: string) => !isLoopback(name) && !isEveryAddress(name);
  const names = [...new Set([...named, ...reachableAs(host, listAddresses)])].filter(isOwn);
  // A link-local address is none without the name of this machine's card.
  const usable = names.filter((name) => !/^fe80:/i.test(name));
  const end = port === (tls ? 443 : 80) ? "" : `:${port}`;
  const spelt = (name: string) => (name.includes(":") ? `[${name}]` : name.toLowerCase());
  return usable.map((name) => `${tls ? "https" : "http"}://${spelt(name)}${end}`);
}

/** As the system tells them. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}

function toHosts({ port, tls }: Place, names: string[]): Set<string> {
  const hosts = new Set<string>();
  for (const name of names) {
    const bare = (name.includes(":") ? `[${name}]` : name).toLowerCase();
    hosts.add(`${bare}:${port}`);
    // Clients leave the scheme's own port out.
    if (port === (tls ? 443 : 80)) hosts.add(bare);
  }
  return hosts;
}

function reachableAs(host: string, listAddresses: ListAddresses): string[] {
  if (!isEveryAddress(host)) return [host];
  const addresses = listAddresses();
  // Few phones know a machine by its bare name.
  return [
    ...addresses.filter((address) => !address.includes(":")),
    hostname(),
    ...addresses.filter((address) => address.includes(":")),
  ];
}

function isEveryAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
