import { render } from "preact";
import { createPhoneState } from "./phoneState.ts";
import { PhoneView } from "./phoneView.tsx";
// oxlint-disable-next-line import/no-unassigned-import -- the bundler takes the styles from here
import "./phone.css";

const phone = createPhoneState();
// A code is for one use and one pair of eyes: it leaves the address, and with it the history, before anything is asked.
const code = /^#([a-z]{8})$/i.exec(location.hash)?.[1];
const key = /^#\/(.+)$/.exec(location.hash)?.[1];
if (location.hash !== "") history.replaceState(null, "", location.pathname);

render(<PhoneView phone={phone} />, document.getElementById("root")!);
if (phone.token.value !== undefined) phone.begin();
if (code !== undefined) void phone.enter(code);
if (key !== undefined && phone.token.value !== undefined) phone.show(decodeURIComponent(key));

// The way back of the phone leads from a session to all of them.
phone.shown.subscribe((session) => {
  const isShown = (history.state as { session?: string } | null)?.session;
  if (session && isShown !== session.key) history.pushState({ session: session.key }, "");
});
addEventListener("popstate", (event) => phone.show((event.state as { session?: string } | null)?.session));

// Absent where the connection is not a trusted one: the page works without, and is not installed.
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/phone/worker.js").catch(() => undefined);
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<{ show?: unknown }>) => {
    if (typeof data.show === "string") phone.show(data.show);
  });
}
