import { hostname, networkInterfaces } from "node:os";
import { isLoopback, isPlainLoopback, LOOPBACK_NAMES } from "../../net/loopback.ts";

/** The Host headers that mean this gateway: loopback names always, and what a wider bind can be reached by. */
export function listHosts(options: { host: string; port: number; tls: boolean; names?: string[] }): Set<string> {
  const names = new Set([...LOOPBACK_NAMES, ...(options.names ?? [])]);
  if (!isPlainLoopback(options.host)) for (const name of reachableAs(options.host)) names.add(name);
  const hosts = new Set<string>();
  for (const name of names) {
    const bare = (name.includes(":") ? `[${name}]` : name).toLowerCase();
    hosts.add(`${bare}:${options.port}`);
    // Clients leave the scheme's own port out.
    if (options.port === (options.tls ? 443 : 80)) hosts.add(bare);
  }
  return hosts;
}

/** The addresses of the gateway as other machines may reach it: by names first, which stay when addresses change. */
export function listReachable(options: { host: string; port: number; tls: boolean; names: string[] }): string[] {
  if (isLoopback(options.host)) return [];
  const isOwn = (name: string) => !isLoopback(name) && name !== "0.0.0.0" && name !== "::";
  const names = [...new Set([...options.names, ...reachableAs(options.host)])].filter(isOwn);
  // A link-local address is none without the name of this machine's card.
  const usable = names.filter((name) => !/^fe80:/i.test(name));
  const port = options.port === (options.tls ? 443 : 80) ? "" : `:${options.port}`;
  const spelt = (name: string) => (name.includes(":") ? `[${name}]` : name.toLowerCase());
  return usable.map((name) => `${options.tls ? "https" : "http"}://${spelt(name)}${port}`);
}

function reachableAs(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  // Few phones know a machine by its bare name.
  return [
    ...addresses.filter((address) => !address.includes(":")),
    hostname(),
    ...addresses.filter((address) => address.includes(":")),
  ];
}
