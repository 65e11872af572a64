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
// A computer that sleeps answers nothing, and a network says so after minutes.
const ANSWER_MS = 4000;
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

/**
 * Says that something waits. What it is, the page reads from the gateway. It is always said, and no more than quietly to who looks:
 * a browser that is told something and shows nothing is told no more (Safari, after three times).
 */
async function show(told: unknown): Promise<void> {
  const { kind, sessionKey } = (told ?? {}) as { kind?: unknown; sessionKey?: unknown };
  const isSeen = (await scope.clients.matchAll({ type: "window" })).some(({ focused }) => focused);
  const kept = await (await caches.open(KEPT)).match("/phone/words");
  const words = ((await kept?.json()) ?? {}) as Record<string, string>;
  const about = kind === "question" ? "question" : "approval";
  const options: NotificationOptions & { renotify?: boolean } = {
    body: words[about] ?? "",
    // The newest takes the place of the one before, and is heard as it was.
    tag: about,
    ...(isSeen ? { silent: true } : { renotify: true }),
    icon: "/phone/icon-192.png",
    data: { key: typeof sessionKey === "string" ? sessionKey : undefined },
  };
  await scope.registration.showNotification("Pincer", options);
}

/** To the page that is open, or to one that is opened, at the session. */
async function lead(key: string | undefined): Promise<void> {
  const [page] = await scope.clients.matchAll({ type: "window" });
  if (!page)
    return void (await scope.clients.openWindow(key === undefined ? "/phone/" : `/phone/#/${encodeURIComponent(key)}`));
  await page.focus();
  if (key !== undefined) page.postMessage({ show: key });
}

/** As the gateway has it now, or else as it was: also where nothing answers for long. */
async function fresh(request: Request, pathname: string): Promise<Response> {
  const kept = await caches.open(KEPT);
  const before = await kept.match(pathname);
  const now = fetch(request).then(async (response) => {
    if (response.ok) await kept.put(pathname, response.clone());
    // Where it is switched off there is no page, and none is to be posed.
    return response;
  });
  if (!before) return now;
  const late = new Promise<Response>((resolve) => setTimeout(resolve, ANSWER_MS, before));
  return Promise.race([now.catch(() => before), late]);
}
