import type { Phone } from "../../src/protocol/outside/phone.ts";
import type { Gateway } from "../state/panelRoutes.ts";
import { phoneWords } from "./phoneWords.ts";

/** Whether this browser can tell of anything while the page is not open. */
export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
}

/** Has the phone told from now on. To be called when a button was pressed. Rejects with a sentence. */
export async function switchOn(gateway: Gateway, pushKey: string): Promise<void> {
  const registration = await ready();
  if ((await Notification.requestPermission()) !== "granted") throw new Error(phoneWords.tellRefused);
  await tell(gateway, await subscribe(registration, pushKey));
}

export async function switchOff(gateway: Gateway): Promise<void> {
  await gateway.call("phones.unsubscribe", {});
  await forgetPush();
}

/** Ends what the browser knows of it: its subscription, and what it shows. */
export async function forgetPush(): Promise<void> {
  await forgetNotifications();
  await (await subscriptionOf(await registered()))?.unsubscribe();
}

/** What was told of is over. */
export async function forgetNotifications(): Promise<void> {
  for (const one of (await (await registered())?.getNotifications()) ?? []) one.close();
}

/**
 * Makes what the browser has and what the gateway knows one again: keys are lost, vendors forget, and who looks after a phone takes
 * rights back. Resolves with whether the phone is told.
 */
export async function mendPush(gateway: Gateway, { push, pushFault }: Phone, pushKey: string): Promise<boolean> {
  const registration = canPush() ? await registered() : undefined;
  const subscription = await subscriptionOf(registration);
  if (!push && !subscription) return false;
  // Where its vendor refused what it was told last, another may be taken.
  const isSame = push && pushFault === undefined && subscription !== null && keyOf(subscription) === pushKey;
  const mayAsk = registration !== undefined && Notification.permission === "granted";
  const found = isSame ? subscription : mayAsk && (await subscribe(registration, pushKey).catch(() => undefined));
  if (found) await tell(gateway, found);
  else if (push) await gateway.call("phones.unsubscribe", {});
  return Boolean(found);
}

async function subscribe(registration: ServiceWorkerRegistration, pushKey: string): Promise<PushSubscription> {
  await keepWords();
  // One that another key was used for would be refused, and one that its vendor forgot would stay forgotten.
  await (await subscriptionOf(registration))?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: pushKey });
}

async function tell(gateway: Gateway, subscription: PushSubscription): Promise<void> {
  const { endpoint = "", keys: { p256dh = "", auth = "" } = {} } = subscription.toJSON();
  await gateway.call("phones.subscribe", { endpoint, keys: { p256dh, auth } });
}

/** As the gateway writes it, in base64url. */
function keyOf({ options: { applicationServerKey } }: PushSubscription): string {
  const bytes = String.fromCharCode(...new Uint8Array(applicationServerKey ?? new ArrayBuffer(0)));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function subscriptionOf(registration: ServiceWorkerRegistration | undefined): Promise<PushSubscription | null> {
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  return navigator.serviceWorker?.getRegistration("/phone/");
}

/** What keeps the page and hears what is told. It is there only where the certificate is trusted. */
async function ready(): Promise<ServiceWorkerRegistration> {
  if (!(await registered())) throw new Error(phoneWords.tellCannot);
  return navigator.serviceWorker.ready;
}

/** What is said while the page is not open, in its language. */
async function keepWords(): Promise<void> {
  const words = { approval: phoneWords.approvalWaits, question: phoneWords.questionWaits };
  await (await caches.open("pincer-phone")).put("/phone/words", new Response(JSON.stringify(words)));
}
