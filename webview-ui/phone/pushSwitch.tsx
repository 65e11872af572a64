import { useState } from "preact/hooks";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";

/** Whether the phone is told of what waits while the page is not open. */
export function PushSwitch({ phone }: { phone: PhoneState }) {
  const [isBusy, setBusy] = useState(false);
  const { self, pushKey, gateway } = phone;
  if (!self.value) return null;
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis))
    return <p class="quiet">{phoneWords.tellCannot}</p>;
  const isOn = self.value.push;
  const change = async () => {
    const registration = await ready();
    if (isOn) {
      await gateway.call("phones.unsubscribe", {});
      await (await registration.pushManager.getSubscription())?.unsubscribe();
    } else {
      if ((await Notification.requestPermission()) !== "granted") throw new Error(phoneWords.tellRefused);
      await keepWords();
      // One that another key was used for would be refused.
      await (await registration.pushManager.getSubscription())?.unsubscribe();
      const options = { userVisibleOnly: true, applicationServerKey: pushKey.value! };
      const { endpoint, keys } = (await registration.pushManager.subscribe(options)).toJSON();
      const { p256dh = "", auth = "" } = keys ?? {};
      await gateway.call("phones.subscribe", { endpoint: endpoint ?? "", keys: { p256dh, auth } });
    }
    self.value = { ...self.value!, push: !isOn };
  };
  const press = async () => {
    setBusy(true);
    await phone.attempt(change);
    setBusy(false);
  };
  return (
    <button type="button" class="button" disabled={isBusy || pushKey.value === undefined} onClick={() => void press()}>
      {isOn ? phoneWords.tellMeNot : phoneWords.tellMe}
    </button>
  );
}

/** What keeps the page and hears what is told. It is there only where the certificate is trusted. */
async function ready(): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.getRegistration("/phone/");
  if (!registration) throw new Error(phoneWords.tellCannot);
  return navigator.serviceWorker.ready;
}

/** What is said while the page is not open, in its language. */
async function keepWords(): Promise<void> {
  const words = { approval: phoneWords.approvalWaits, question: phoneWords.questionWaits };
  await (await caches.open("pincer-phone")).put("/phone/words", new Response(JSON.stringify(words)));
}
