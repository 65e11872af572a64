/** A host as a pattern is held against it; without a port: at any. "*" is all there are. */
export interface Host {
  name: string;
  port?: string;
}

/** What a rule's host may look like: "api.example.org", "*.example.org", with or without a port, or "*". */
export const HOST_PATTERN = /^(\*|(\*\.)?-*[a-z0-9][a-z0-9-]*(\.-*[a-z0-9][a-z0-9-]*)*\.?(:\d{1,5})?)$/i;

/** Whether "example.org", "*.example.org", "example.org:8443" or "*" covers a host. A pattern without a port covers every one. */
export function fitsHost(pattern: string, host: Host | undefined): boolean {
  if (!host) return false;
  if (pattern === "*") return true;
  const { name, port } = toHost(pattern);
  if (port !== undefined && port !== host.port) return false;
  return name.startsWith("*.")
    ? host.name.length >= name.length && host.name.endsWith(name.slice(1))
    : name === host.name;
}

/** "Example.org.:8443" -> example.org, 8443. */
export function toHost(text: string): Host {
  const [, name = "", port] = /^(.*?)(?::(\d+))?$/.exec(text.toLowerCase())!;
  return { name: name.replace(/\.+$/, ""), ...(port === undefined ? {} : { port: String(Number(port)) }) };
}

/** The host of an origin; of "tcp://example.org", which is no page's, at any port. */
export function hostOf(origin: string): Host | undefined {
  if (origin === "*") return { name: "*" };
  if (origin.startsWith(ANY_PORT)) return toHost(origin.slice(ANY_PORT.length));
  const url = URL.parse(origin);
  if (!url) return undefined;
  const { name } = toHost(url.hostname);
  return { name, port: url.port || (url.protocol === "http:" ? "80" : "443") };
}

/** The place that a command reaches a host at. */
export function reachedPlace(host: string): string {
  return host === "*" ? host : `${ANY_PORT}${host.toLowerCase()}`;
}

/** The pattern of a reached place. */
export function toPattern(place: string): string {
  return place.startsWith(ANY_PORT) ? place.slice(ANY_PORT.length) : place;
}

/** What a command reaches, for people: "reaching example.org and example.com". */
export function reachWords(hosts: string[]): string {
  return hosts.includes("*") ? "with all of the network" : `reaching ${hosts.join(" and ")}`;
}

const ANY_PORT = "tcp://";

/** The hosts that two lists both cover. */
export function sharedHosts(some: string[], others: string[]): string[] {
  const narrower = (a: string, b: string) => (fitsHost(b, toHost(a)) ? [a] : fitsHost(a, toHost(b)) ? [b] : []);
  return [...new Set(some.flatMap((a) => others.flatMap((b) => narrower(a, b))))];
}
