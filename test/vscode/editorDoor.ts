import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** The one way to a browser-served VS Code, which itself listens on a socket file that only this user may open. */
export interface EditorDoor {
  port: number;
  url: string;
  /** The address that opens a window: it carries the secret, which the first answer turns into a cookie. */
  address(query?: Record<string, string>): string;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 at `port`, or at one of the hundred after it; 0 is any. `socket` is where the editor listens. */
export async function openEditorDoor({ socket, port }: { socket: string; port: number }): Promise<EditorDoor> {
  const secret = randomBytes(24).toString("base64url");
  const open = new Set<Duplex>();
  const server = createServer();
  const bound = await listen(server, port);
  const entry = { secret, port: bound, cookie: `pincer-editor-${bound}` };
  server.on("request", (incoming, response) => {
    const refusal = refuse(incoming, entry);
    if (refusal) response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(`${refusal}\n`);
    else if (hasSecret(incoming, entry)) letIn(incoming, response, entry);
    else forward(incoming, response, entry, socket);
  });
  server.on("upgrade", (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    const refusal = refuse(incoming, entry);
    client.on("error", () => client.destroy());
    if (refusal) return void client.end(`HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n${refusal}\n`);
    open.add(client).add(tunnel(incoming, client, head, entry, socket));
    client.on("close", () => open.delete(client));
  });
  const url = `http://127.0.0.1:${bound}`;
  return {
    port: bound,
    url,
    address: (query = {}) => `${url}/?${toQuery({ tkn: secret, ...query })}`,
    async close() {
      for (const stream of open) stream.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

interface Entry {
  secret: string;
  port: number;
  /** Browsers keep cookies by host, not by port. */
  cookie: string;
}

/** Why a request gets nothing, or undefined. */
function refuse(incoming: IncomingMessage, entry: Entry): string | undefined {
  const hosts = valuesOf(incoming, "host");
  const [host = ""] = hosts;
  // A page may point its own name at this machine; the browser then still says that name.
  if (hosts.length !== 1 || ![`127.0.0.1:${entry.port}`, `localhost:${entry.port}`].includes(host.toLowerCase()))
    return `This editor is not served as "${host}".`;
  if (valuesOf(incoming, "origin").some((origin) => origin !== `http://${host}`))
    return "Pages of other origins get nothing here.";
  // Addresses take a backslash for a slash and leave tabs out: what follows could be another server, or none at all.
  if (!/^\/(?!\/)[^\\\p{Cc}]*$/u.test(incoming.url ?? "")) return "Only paths are served here.";
  if (hasSecret(incoming, entry)) return undefined;
  // Another port of this machine is the same site, and so its pages send the cookie along.
  if (valuesOf(incoming, "sec-fetch-site").some((site) => site !== "same-origin" && site !== "none"))
    return "Pages of other origins get nothing here.";
  if (cookiesOf(incoming).some(([name, value]) => name === entry.cookie && isSame(value, entry.secret)))
    return undefined;
  return "This editor opens only by the whole address that was printed when it started.";
}

function hasSecret(incoming: IncomingMessage, { secret }: Entry): boolean {
  const given = incoming.method === "GET" ? new URL(incoming.url ?? "/", "http://door").searchParams.get("tkn") : null;
  return given !== null && isSame(given, secret);
}

/** Trades the secret of the address for a cookie, so that it stays out of the history and of referrers. */
function letIn(incoming: IncomingMessage, response: ServerResponse, { cookie, secret }: Entry): void {
  const target = new URL(incoming.url ?? "/", `http://${incoming.headers.host}`);
  target.searchParams.delete("tkn");
  response
    .writeHead(302, {
      location: target.href,
      "set-cookie": `${cookie}=${secret}; Path=/; HttpOnly; SameSite=Strict`,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    })
    .end();
}

function forward(incoming: IncomingMessage, response: ServerResponse, entry: Entry, socketPath: string): void {
  const { method, url: path } = incoming;
  const onward = request({ socketPath, method, path, headers: headersFor(incoming, entry), setHost: false });
  onward.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  onward.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on("close", () => onward.destroy());
  incoming.pipe(onward);
}

function tunnel(incoming: IncomingMessage, client: Duplex, head: Buffer, entry: Entry, socket: string): Duplex {
  const headers = headersFor(incoming, entry);
  const lines = headers.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${headers[at + 1]}`] : []));
  const onward = connect(socket);
  onward.write([`GET ${incoming.url} HTTP/1.1`, ...lines, "", ""].join("\r\n"), "latin1");
  onward.write(head);
  onward.on("error", () => client.destroy());
  onward.on("close", () => client.destroy());
  client.on("close", () => onward.destroy());
  client.pipe(onward).pipe(client);
  return onward;
}

/** All headers as they came, without the cookie: what the editor forwards to ports of this machine must not learn it. */
function headersFor(incoming: IncomingMessage, entry: Entry): string[] {
  const kept = cookiesOf(incoming).filter(([name]) => name !== entry.cookie);
  const others = pairsOf(incoming).filter(([name]) => name.toLowerCase() !== "cookie");
  if (kept.length > 0) others.push(["Cookie", kept.map(([name, value]) => `${name}=${value}`).join("; ")]);
  return others.flat();
}

function cookiesOf(incoming: IncomingMessage): [string, string][] {
  return valuesOf(incoming, "cookie")
    .flatMap((line) => line.split(";"))
    .map((pair) => {
      const [name = "", ...value] = pair.trim().split("=");
      return [name, value.join("=")];
    });
}

/** Node keeps only the first of some headers that come twice. */
function valuesOf(incoming: IncomingMessage, name: string): string[] {
  return pairsOf(incoming).flatMap(([given, value]) => (given.toLowerCase() === name ? [value] : []));
}

function pairsOf({ rawHeaders }: IncomingMessage): [string, string][] {
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1]!] as [string, string]] : []));
}

/** Slashes as they are: an address that a person reads. */
function toQuery(query: Record<string, string>): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2F", "/")}`)
    .join("&");
}

function isSame(a: string, b: string): boolean {
  // Compares digests so that the time taken says nothing about the secret.
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(left!, right!);
}

async function listen(server: Server, preferred: number): Promise<number> {
  for (let port = preferred; port <= preferred + 100; port += 1) {
    const isBound = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    server.removeAllListeners("error").removeAllListeners("listening");
    const address = server.address();
    if (isBound && address && typeof address === "object") return address.port;
    if (preferred === 0) break;
  }
  throw new Error(`No port between ${preferred} and ${preferred + 100} is free`);
}
