import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../../base/appError.ts";
import { bindAddresses } from "../../net/loopback.ts";
import { findPortHolder } from "./portHolder.ts";

export interface ListenOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Nobody chose it, so a taken one gives way to the next, up to 3010. */
  portIsDefault?: boolean;
}

export interface Listening {
  servers: Server[];
  port: number;
}

const LAST_DEFAULT_PORT = 3010;
const TRIES_FOR_ANY_PORT = 20;
// Below, only an administrator listens; Windows knows no such bound.
const FIRST_FREE_PORT = 1024;
// Whoever finds Node's 511 places taken is not refused: the system tries again after 1 s, 3 s and 7 s.
const BACKLOG = 4096;

/** Listens on every address of the host. */
export async function listen(createServer: () => Server, options: ListenOptions): Promise<Listening> {
  const addresses = bindAddresses(options.host);
  if (options.port === 0) return listenOnAny(createServer, addresses);
  const last = options.portIsDefault ? Math.max(options.port, LAST_DEFAULT_PORT) : options.port;
  const inTheWay: InTheWay[] = [];
  for (let port = options.port; port <= last; port++) {
    const servers = await listenOnAll(createServer, addresses, port);
    if (typeof servers !== "string") return { servers, port };
    inTheWay.push(servers);
  }
  throw inTheWay[0] === "kept" ? toKept(options.port, last) : await toTaken(options.port, last);
}

async function listenOnAny(createServer: () => Server, addresses: string[]): Promise<Listening> {
  for (let attempt = 0; attempt < TRIES_FOR_ANY_PORT; attempt++) {
    // The port that the first address gets may be taken on the second.
    const servers = await listenOnAll(createServer, addresses, 0);
    if (typeof servers !== "string") return { servers, port: (servers[0]!.address() as AddressInfo).port };
  }
  throw new AppError("unavailable", `No port is free on ${addresses.join(" and ")}`);
}

/** Another program has the port, or the system gives it to nobody, as Windows does with what Hyper-V has set aside. */
type InTheWay = "taken" | "kept";

async function listenOnAll(
  createServer: () => Server,
  addresses: string[],
  port: number,
): Promise<Server[] | InTheWay> {
  const servers: Server[] = [];
  let chosen = port;
  for (const host of addresses) {
    const server = createServer();
    const problem = await listenOnOne(server, host, chosen);
    // A machine without IPv6.
    if (problem && host === "::1" && (problem === "EADDRNOTAVAIL" || problem === "EAFNOSUPPORT")) continue;
    if (problem) {
      await Promise.all(servers.map((taken) => new Promise((resolve) => taken.close(resolve))));
      if (problem === "EADDRINUSE") return "taken";
      if (problem === "EACCES" && (chosen >= FIRST_FREE_PORT || process.platform === "win32")) return "kept";
      throw toRefused(problem, host, chosen);
    }
    servers.push(server);
    chosen = (server.address() as AddressInfo).port;
  }
  return servers;
}

/** The error's code, or undefined when it listens. */
function listenOnOne(server: Server, host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const onError = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message);
    server.once("error", onError);
    server.listen({ host, port, exclusive: true, backlog: BACKLOG }, () => {
      server.off("error", onError);
      resolve(undefined);
    });
  });
}

async function toTaken(first: number, last: number): Promise<AppError> {
  const principal = await findPortHolder(first);
  const who = principal ? `${principal.name ?? "a program"} (pid ${principal.pid})` : "another program";
  const ports =
    first === last
      ? `Port ${first} is taken by ${who}`
      : `The ports ${first} to ${last} are taken, the first by ${who}`;
  return new AppError("conflict", `${ports}; choose another one with --port or gateway.port`);
}

function toKept(first: number, last: number): AppError {
  const ports = first === last ? `Port ${first} is` : `The ports ${first} to ${last} are`;
  const why =
    process.platform === "win32"
      ? `set aside by Windows, as for Hyper-V, WSL or Docker ("netsh interface ipv4 show excludedportrange tcp" lists what is)`
      : "kept from this user by the system";
  return new AppError("unavailable", `${ports} ${why}; choose another one with --port or gateway.port`);
}

function toRefused(code: string, host: string, port: number): AppError {
  if (code === "EACCES")
    return new AppError("unavailable", `Port ${port} needs rights that this user does not have; choose one above 1023`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new AppError("unavailable", `This machine has no address ${host} to listen on`);
  return new AppError("unavailable", `Listening on ${host} port ${port} failed: ${code}`);
}
