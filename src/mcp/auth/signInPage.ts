import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AppError } from "../../base/appError.ts";
import { onAbort } from "../../base/wait.ts";

/** A page on this machine alone that a browser is sent back to, once. */
export interface SignInPage {
  redirectUrl: string;
  /** Resolves with what the browser brought; rejects with `timed_out`, or when `signal` aborts. */
  back: Promise<URLSearchParams>;
  /** Tells the browser, where it is there, whether somebody is signed in now, and listens no more. */
  close(outcome?: { isIn: boolean }): void;
}

const PATH = "/mcp/callback";
const PATIENCE_MS = 10 * 60_000;
// A browser has read its page long before.
const FLUSH_MS = 2000;

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
  const end = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "", "http://127.0.0.1");
    const isOurs = request.method === "GET" && url?.pathname === PATH && url.searchParams.get("state") === state();
    if (!isOurs) return void response.writeHead(404, HEADERS).end();
    back.resolve(url.searchParams);
    // A code alone signs nobody in.
    void end.promise.then((text) => response.writeHead(200, HEADERS).end(text));
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
    close({ isIn } = { isIn: false }) {
      clearTimeout(timer);
      gone.dispose();
      end.resolve(isIn ? WELCOME : REFUSED);
      server.close();
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), FLUSH_MS).unref();
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
