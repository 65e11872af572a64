// Keeps the page, so that it opens without a connection and says so; what is asked of the gateway is never kept.

/** What of the browser's worker is used: its own types and those of a page do not go together. */
interface WorkerScope {
  addEventListener(
    type: "install" | "activate",
    listener: (event: { waitUntil(done: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    type: "fetch",
    listener: (event: { request: Request; respondWith(response: Promise<Response>): void }) => void,
  ): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}

const scope = globalThis as unknown as WorkerScope;
const KEPT = "pincer-phone";
const FILES = ["/phone/", "/phone/app.js", "/phone/app.css", "/phone/manifest.json", "/phone/icon-192.png"];

scope.addEventListener("install", (event) =>
  event.waitUntil(
    caches
      .open(KEPT)
      .then((kept) => kept.addAll(FILES))
      .then(() => scope.skipWaiting()),
  ),
);
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== scope.location.origin || !FILES.includes(pathname)) return;
  event.respondWith(fresh(event.request, pathname));
});

/** As the gateway has it now, or else as it was. */
async function fresh(request: Request, pathname: string): Promise<Response> {
  const kept = await caches.open(KEPT);
  try {
    const response = await fetch(request);
    if (response.ok) await kept.put(pathname, response.clone());
    // Where it is switched off there is no page, and none is to be posed.
    return response;
  } catch (error) {
    const before = await kept.match(pathname);
    if (before) return before;
    throw error;
  }
}
