import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { AppError } from "../base/appError.ts";
import { addressKind } from "./publicAddress.ts";

export interface NetworkGuardOptions {
  /** People test their own apps: lets 127.0.0.0/8 and ::1 through, and nothing else that is private. */
  allowLoopback?: boolean;
  /** A host that the user named in their own configuration: it may be anywhere. */
  named?: string;
  /** Replaces the system's resolver, in tests. */
  resolve?: (host: string) => Promise<string[]>;
}

/** Keeps requests that a model or a page chose out of the machine and its network. */
export interface NetworkGuard {
  /** The URL, when it is http(s), carries no credentials and every address of its host may be reached. Else `forbidden`. */
  check(url: string | URL): Promise<URL>;
  /** The same as far as the URL itself tells it. A name is not looked up: that alone would tell it to others. */
  read(url: string | URL): URL;
  /** The addresses of a host, all of them checked. For whoever opens the connection itself. */
  addresses(host: string): Promise<string[]>;
  /** For `net.connect` and `http.request`: connects to what was checked, never to a second answer of the resolver. */
  lookup: LookupFunction;
}

export function createNetworkGuard(options: NetworkGuardOptions = {}): NetworkGuard {
  const resolve = options.resolve ?? resolveBySystem;

  const demandReachable = (name: string, found: string[]): void => {
    if (options.named !== undefined && name === toName(options.named)) return;
    for (const address of found) {
      const kind = addressKind(address);
      if (kind === "public" || (kind === "loopback" && options.allowLoopback)) continue;
      throw new AppError("forbidden", `${name} is at ${address}, which is not on the public internet`);
    }
  };

  const addresses = async (host: string): Promise<string[]> => {
    const name = toName(host);
    const found = isIP(name) ? [name] : await resolve(name);
    if (found.length === 0) throw new AppError("not_found", `${name} has no address`);
    demandReachable(name, found);
    return found;
  };

  const read = (input: string | URL): URL => {
    const url = toUrl(input);
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new AppError("forbidden", `Only http and https can be fetched, not ${url.protocol}`);
    }
    if (url.username !== "" || url.password !== "")
      throw new AppError("forbidden", "A URL must not carry a user name or password");
    const name = toName(url.hostname);
    if (isIP(name)) demandReachable(name, [name]);
    return url;
  };

  const check = async (input: string | URL): Promise<URL> => {
    const url = read(input);
    await addresses(url.hostname);
    return url;
  };

  const lookup: LookupFunction = (host, wanted, callback) => {
    addresses(host).then(
      (found) => {
        const rows = found.map((address) => ({ address, family: isIP(address) }));
        const fitting = rows.filter(
          (row) => !wanted.family || row.family === Number(String(wanted.family).replace("IPv", "")),
        );
        const usable = fitting.length > 0 ? fitting : rows;
        if (wanted.all) callback(null, usable);
        else callback(null, usable[0]!.address, usable[0]!.family);
      },
      (error: Error) => callback(error, "", 0),
    );
  };

  return { check, read, addresses, lookup };
}

function toName(host: string): string {
  const name = host
    .replace(/^\[|\]$/g, "")
    .replace(/\.+$/, "")
    .toLowerCase();
  if (name === "") throw new AppError("bad_request", `"${host}" is no host name`);
  return name;
}

function toUrl(input: string | URL): URL {
  if (input instanceof URL) return input;
  const url = URL.parse(input);
  if (!url) throw new AppError("bad_request", `"${input}" is no URL`);
  return url;
}

async function resolveBySystem(host: string): Promise<string[]> {
  try {
    return (await systemLookup(host, { all: true, verbatim: true })).map((row) => row.address);
  } catch (error) {
    throw new AppError("not_found", `${host} could not be resolved`, { cause: error });
  }
}
