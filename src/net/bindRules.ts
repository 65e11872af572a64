import { isLoopback } from "./loopback.ts";
import { isStrongToken } from "./tokenStrength.ts";

export interface BindWish {
  host: string;
  tls: boolean;
  tokens: { name: string; value: string }[];
}

/** Why a gateway may not serve its page for phones: they come over the network, and only TLS says that it is ours. */
export function remoteFaults({ host, tls, remote }: Pick<BindWish, "host" | "tls"> & { remote: boolean }): string[] {
  if (!remote) return [];
  const needs = "The page for phones (gateway.remote: on) needs";
  return [
    ...(tls ? [] : [`${needs} gateway.tls: a certificate and its key, or selfSigned`]),
    ...(isLoopback(host) ? [`${needs} a gateway.host that phones can reach; ${host} is this machine alone`] : []),
  ];
}

/** Why a gateway may not listen there: where other machines can reach it, it needs TLS and strong tokens. */
export function bindFaults({ host, tls, tokens }: BindWish): string[] {
  if (isLoopback(host)) return [];
  const open = `Listening on ${host} lets other machines in, which needs`;
  const weak = tokens.filter(({ value }) => !isStrongToken(value));
  return [
    ...(tls ? [] : [`${open} gateway.tls: a certificate and its key, or selfSigned`]),
    ...weak.map(({ name }) => `${open} tokens of at least 43 random characters; the token "${name}" is weaker`),
  ];
}
