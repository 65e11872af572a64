export interface CookieJar {
  /** Takes the `set-cookie` lines of an answer. */
  store(url: URL, lines: string[]): void;
  /** The `cookie` header for a request, or undefined when there is nothing to send. */
  headerFor(url: URL): string | undefined;
}

interface Cookie {
  name: string;
  value: string;
  domain: string;
  /** Not for hosts below the domain. */
  hostOnly: boolean;
  path: string;
  secure: boolean;
}

const MOST = 50;
const LONGEST = 4096;

/** Cookies of one fetch, so that a redirect finds what its answer has set. Each goes back only to where it came from. */
export function createCookieJar(now: () => number = Date.now): CookieJar {
  const cookies = new Map<string, Cookie>();
  return {
    store(url, lines) {
      for (const line of lines) {
        const read = readCookie(url, line, now());
        if (!read) continue;
        const id = [read.cookie.domain, read.cookie.path, read.cookie.name].join(" ");
        if (read.isGone) cookies.delete(id);
        else if (cookies.size < MOST || cookies.has(id)) cookies.set(id, read.cookie);
      }
    },
    headerFor(url) {
      const fitting = [...cookies.values()].filter((cookie) => fits(cookie, url));
      const pairs = fitting
        .toSorted((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`);
      return pairs.length > 0 ? pairs.join("; ") : undefined;
    },
  };
}

function readCookie(url: URL, line: string, now: number): { cookie: Cookie; isGone: boolean } | undefined {
  const [pair = "", ...rest] = line.split(";");
  const at = pair.indexOf("=");
  // Node refuses a header with control characters, and with it the whole request.
  // oxlint-disable-next-line no-control-regex
  if (at < 1 || line.length > LONGEST || /[\x00-\x08\x0a-\x1f\x7f-\uffff]/.test(pair)) return undefined;
  const attributes = new Map(
    rest.map((part) => {
      const [name = "", ...value] = part.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
  const own = attributes.get("domain")?.replace(/^\./, "").toLowerCase();
  const domain = own || url.hostname;
  const isOurs = own === url.hostname || (domain.includes(".") && url.hostname.endsWith(`.${domain}`));
  if (own && !isOurs) return undefined;
  const path = attributes.get("path");
  const maxAge = attributes.get("max-age");
  const expires = Date.parse(attributes.get("expires") ?? "");
  return {
    cookie: {
      name: pair.slice(0, at).trim(),
      value: pair.slice(at + 1).trim(),
      domain,
      hostOnly: !own,
      path: path?.startsWith("/") ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf("/"))),
      secure: attributes.has("secure"),
    },
    isGone: maxAge ? Number(maxAge) <= 0 : expires <= now,
  };
}

function fits({ domain, hostOnly, path, secure }: Cookie, url: URL): boolean {
  const isHost = url.hostname === domain || (!hostOnly && url.hostname.endsWith(`.${domain}`));
  const isPath = url.pathname === path || url.pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
  return isHost && isPath && (!secure || url.protocol === "https:");
}
