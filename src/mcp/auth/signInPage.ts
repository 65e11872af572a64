import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../../base/appError.ts";
import { onAbort } from "../../base/wait.ts";

/** A page on this machine alone that a browser is sent back to, once. */
export interface SignInPage {
  redirectUrl: string;
  /** Resolves with what the browser brought; rejects with `timed_out`, or when `signal` aborts. */
  back: Promise<URLSearchParams>;
  close(): void;
}

const PATH = "/mcp/callback";
const PATIENCE_MS = 10 * 60_000;

/**
 * Listens where we were sent back to before, when that is free: some servers know us by it. What does not carry `state` is
 * somebody else's, and answered with nothing.
 */
export async function openSignInPage(
  before: string | undefined,
  state: () => string,
  signal: AbortSignal,
): Promise<SignInPage> {
  const back = Promise.withResolvers<URLSearchParams>();
  back.promise.catch(() => {});
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "", "http://127.0.0.1");
    const isOurs = request.method === "GET" && url?.pathname === PATH && url.searchParams.get("state") === state();
    response.writeHead(isOurs ? 200 : 404, HEADERS);
    response.end(isOurs ? (url.searchParams.has("code") ? WELCOME : REFUSED) : "");
    if (isOurs) back.resolve(url.searchParams);
  });
  const listen = (port: number) =>
    new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
  const wanted = Number(URL.parse(before ?? "")?.port ?? 0);
  const isThere = (wanted > 0 && (await listen(wanted))) || (await listen(0));
  if (!isThere) throw new AppError("unavailable", "No port of this machine could be had to be sent back to");
  const { port } = server.address() as AddressInfo;
  const timer = setTimeout(
    () => back.reject(new AppError("timed_out", "Nobody signed in within ten minutes")),
    PATIENCE_MS,
  ).unref();
  const gone = onAbort(signal, () => back.reject(new AppError("unavailable", "Signing in was given up")));
  return {
    redirectUrl: `http://127.0.0.1:${port}${PATH}`,
    back: back.promise,
    close() {
      clearTimeout(timer);
      gone.dispose();
      server.close();
      server.closeAllConnections();
    },
  };
}

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'",
  "cache-control": "no-store",
  connection: "close",
};

const page = (text: string) => `<!doctype html><meta charset="utf-8"><title>Pincer</title><p>${text}</p>`;
const WELCOME = page("Pincer is signed in. You can close this page.");
const REFUSED = page("Pincer was not signed in. You can close this page.");
