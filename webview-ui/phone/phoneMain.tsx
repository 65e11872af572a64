import { render } from "preact";
import { createPhoneState } from "./phoneState.ts";
import { PhoneView } from "./phoneView.tsx";
import { phoneWords } from "./phoneWords.ts";
// oxlint-disable-next-line import/no-unassigned-import -- the bundler takes the styles from here
import "./phone.css";

const root = document.getElementById("root")!;
// Two years and older: what is not there would fail halfway.
if ("any" in AbortSignal && "groupBy" in Map) start();
else root.textContent = phoneWords.tooOld;

function start(): void {
  const phone = createPhoneState();
  const atStart = takeHash();
  render(<PhoneView phone={phone} />, root);
  if (phone.token.value !== undefined) phone.begin();
  if (atStart.code !== undefined) void phone.enter(atStart.code);
  // Phones throw pages away that nobody looks at, and load them again: it goes on where it was.
  phone.show(atStart.key ?? sessionIn(history.state));

  // The way back of the phone leads from a session to all of them.
  phone.shown.subscribe((session) => {
    if (session && sessionIn(history.state) !== session.key) history.pushState({ session: session.key }, "");
  });
  addEventListener("popstate", (event) => {
    if (location.hash === "") phone.show(sessionIn(event.state));
  });
  // A link that is opened where the page is open already.
  addEventListener("hashchange", () => {
    const { code, key } = takeHash();
    if (code !== undefined) void phone.enter(code);
    if (key !== undefined) phone.show(key);
  });
  keep(phone.show);
}

/** What stands behind `#`. A code is for one use and one pair of eyes: it leaves the address, and with it the history, before anything is asked. */
function takeHash(): { code?: string | undefined; key?: string | undefined } {
  const { hash, pathname } = location;
  if (hash === "") return {};
  history.replaceState(null, "", pathname);
  return { code: /^#([a-z]{8})$/i.exec(hash)?.[1], key: decoded(/^#\/(.+)$/.exec(hash)?.[1]) };
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function sessionIn(state: unknown): string | undefined {
  return (state as { session?: string } | null)?.session;
}

/** Absent where the connection is not a trusted one: the page works without, and is not installed. */
function keep(show: (key: string) => void): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/phone/worker.js").catch(() => undefined);
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<{ show?: unknown }>) => {
    if (typeof data.show === "string") show(data.show);
  });
}
