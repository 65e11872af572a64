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
  addEventListener(
    type: "push",
    listener: (event: { data: { json(): unknown } | null; waitUntil(done: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    type: "notificationclick",
    listener: (event: { notification: Notification; waitUntil(done: Promise<unknown>): void }) => void,
  ): void;
  skipWaiting(): Promise<void>;
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window" }): Promise<(OpenPage & { focused: boolean })[]>;
    openWindow(url: string): Promise<unknown>;
  };
  location: Location;
}

interface OpenPage {
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
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

scope.addEventListener("push", (event) => event.waitUntil(show(event.data?.json())));
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead((event.notification.data as { key?: string } | null)?.key));
});

/** Says that something waits. What it is, the page reads from the gateway. */
async function show(told: unknown): Promise<void> {
  const { kind, sessionKey } = (told ?? {}) as { kind?: unknown; sessionKey?: unknown };
  // Who looks at the page sees it there.
  if ((await scope.clients.matchAll({ type: "window" })).some(({ focused }) => focused)) return;
  const kept = await (await caches.open(KEPT)).match("/phone/words");
  const words = ((await kept?.json()) ?? {}) as Record<string, string>;
  const about = kind === "question" ? "question" : "approval";
  await scope.registration.showNotification("Pincer", {
    body: words[about] ?? "",
    // The newest takes the place of the one before.
    tag: about,
    icon: "/phone/icon-192.png",
    data: { key: typeof sessionKey === "string" ? sessionKey : undefined },
  });
}

/** To the page that is open, or to one that is opened, at the session. */
async function lead(key: string | undefined): Promise<void> {
  const [page] = await scope.clients.matchAll({ type: "window" });
  if (!page)
    return void (await scope.clients.openWindow(key === undefined ? "/phone/" : `/phone/#/${encodeURIComponent(key)}`));
  await page.focus();
  if (key !== undefined) page.postMessage({ show: key });
}

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
