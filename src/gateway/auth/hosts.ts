import { hostname, networkInterfaces } from "node:os";
import { isPlainLoopback, LOOPBACK_NAMES } from "../../net/loopback.ts";

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

function reachableAs(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return [hostname(), ...addresses];
}
