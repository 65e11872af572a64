import { expect, onTestFinished, test } from "vitest";
import { nextEvent } from "../core/bench.ts";
import { openPushService } from "../fakes/pushService.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { faults, overflowOfLarge } from "./phoneFaults.ts";
import { home, openPhoneSite } from "./phoneSite.ts";

const EVIL = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

test("a phone comes in by a link, answers what waits, writes, stops, goes on without a connection, and is removed", async () => {
  const gate = Promise.withResolvers<void>();
  const site = await openPhoneSite({
    turns: [
      [`# ${EVIL}\n\n${EVIL}\n\n\`\`\`ts\nconst a = 1;\n\`\`\`\n`, call("note", { text: `buy ${EVIL}` })],
      ["noted, all of it"],
      ["wait ", { wait: gate.promise }],
    ],
  });
  const asked = nextEvent(site.core, "approval.asked");
  await site.core.sessions.update("main", { title: `Plan ${EVIL}` });
  await site.core.sessions.send({ text: `do ${EVIL}`, origin: { via: "panel" }, sessionKey: "main" });
  await asked;

  const { page, problems } = await site.phone();
  const code = await site.code(true);
  await page.goto(`${site.origin}/phone/#${code}`);
  const card = page.getByRole("article", { name: "Approval needed: note buy" });
  await card.waitFor();
  // Neither the address nor the history has it, and nothing else of the page either.
  expect(page.url()).toBe(`${site.origin}/phone/`);
  expect(await page.evaluate("JSON.stringify([localStorage, history.state, history.length])")).not.toContain(code);
  await page.goBack();
  expect(page.url()).not.toContain(code);
  await page.goto(`${site.origin}/phone/`);
  await card.waitFor();
  expect(await faults(page)).toEqual([]);
  expect(await card.getByRole("region").textContent()).toContain(`buy ${EVIL}`);

  await page.getByRole("button", { name: /^Plan/ }).click();
  await page.getByRole("heading", { level: 1, name: /^Plan <img/ }).waitFor();
  await page.getByText(`do ${EVIL}`).waitFor();
  expect(await faults(page)).toEqual([]);
  expect(await overflowOfLarge(page)).toBe(0);
  const answered = nextEvent(site.core, "approval.answered");
  await page.getByRole("button", { name: "Allow once" }).click();
  expect((await answered).by).toMatch(/^phone:/);
  await page.getByText("noted, all of it").waitFor();
  expect(await page.title()).not.toBe("owned");

  await page.getByRole("textbox", { name: "Message" }).fill("and now wait");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("and now wait").waitFor();
  const stop = page.getByRole("button", { name: "Stop" });
  await stop.click();
  await page.getByText("Stopped", { exact: true }).waitFor();
  gate.resolve();

  await page.getByRole("button", { name: "Back" }).click();
  await home(page).waitFor();
  expect(problems).toEqual([]);

  await page.evaluate("navigator.serviceWorker.ready.then(() => true)");
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText("Your computer cannot be reached.").waitFor();
  expect(await faults(page)).toEqual([]);
  await page.context().setOffline(false);
  await page.getByRole("button", { name: /^Plan/ }).waitFor();

  await page.getByRole("button", { name: "Remove this phone" }).click();
  await page.getByRole("button", { name: "Tap again to remove" }).click();
  await page.getByRole("heading", { name: "Pair this phone" }).waitFor();
  expect(await page.evaluate("localStorage.length")).toBe(0);
});

test("it says why it does not come in, speaks German, and shows one that was removed the way in", async () => {
  const site = await openPhoneSite();
  const { page } = await site.phone({ locale: "de-DE" });
  await page.goto(`${site.origin}/phone/#AAAAAAAA`);
  await page.getByRole("alert").getByText("No phone comes in by this code").waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("de");
  await page.getByRole("button", { name: "Koppeln" }).click();
  await page.getByText("Alle acht Buchstaben").waitFor();
  expect(await faults(page)).toEqual([]);
  await page.getByLabel("Code").fill(await site.code());
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Sitzungen" }).waitFor();
  // Removed at the computer: it is said at once, and what was shown is gone.
  const [paired] = await site.core.store.listNotes("phone", "paired:");
  const id = paired!.key.slice("paired:".length);
  await site.asAdmin("phones.remove", { id });
  await page.getByRole("alert").getByText("Dieses Telefon ist nicht mehr gekoppelt.").waitFor();
  await page.getByRole("heading", { name: "Dieses Telefon koppeln" }).waitFor();
  expect(await faults(page)).toEqual([]);
});

test("a phone is told while its page is away, in its language, and is led to what waits", async () => {
  const service = await openPushService();
  onTestFinished(service.close);
  const turns = [[call("note", { text: "rm -rf /home/ada" })]];
  const site = await openPhoneSite({ turns, gateway: { postPush: service.post } });
  const { page, problems } = await site.phone({ locale: "de-DE", permissions: ["notifications"] });
  // The vendor of a browser is the network's far end: what it gives a page that subscribes is given here.
  const { endpoint, keys } = service.subscription;
  const given = { endpoint: endpoint.replace("push.example.net", "8.8.8.8"), keys };
  await page.addInitScript(`PushManager.prototype.subscribe = async function ({ applicationServerKey }) {
    globalThis.askedWith = applicationServerKey;
    return { toJSON: () => (${JSON.stringify(given)}) };
  }`);
  await page.goto(`${site.origin}/phone/#${await site.code()}`);
  await page.getByRole("button", { name: "Benachrichtigen, wenn etwas wartet" }).click();
  await page.getByRole("button", { name: "Nicht mehr benachrichtigen" }).waitFor();
  expect(await faults(page)).toEqual([]);
  await site.core.sessions.update("main", { title: "Plan" });
  await site.core.sessions.send({ text: "go", origin: { via: "panel" }, sessionKey: "main" });
  await expect.poll(() => service.received.length).toBe(1);
  const [{ text, publicKey }] = service.received as [(typeof service.received)[number]];
  // Its names alone: no word of what is asked.
  expect(JSON.parse(text)).toEqual({ kind: "approval", id: expect.stringMatching(/^ap_/), sessionKey: "main" });
  expect(await page.evaluate("askedWith")).toBe(publicKey);

  // Handed to the page's worker as the browser does that got it from its vendor, while another page is looked at.
  const cdp = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) =>
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      if (registrations[0]) resolve(registrations[0].registrationId);
    }),
  );
  await cdp.send("ServiceWorker.enable");
  const registrationId = await registered;
  const [worker] = page.context().serviceWorkers();
  const shown = async () =>
    worker!.evaluate<unknown[]>(
      `registration.getNotifications().then((all) => all.map(({ title, body, data, silent }) => ({ title, body, data, silent })))`,
    );
  await page.goto("about:blank");
  // Until the worker knows that the page is gone, somebody still looks at it.
  await expect.poll(() => worker!.evaluate(`clients.matchAll({ type: "window" }).then((all) => all.length)`)).toBe(0);
  await cdp.send("ServiceWorker.deliverPushMessage", { origin: site.origin, registrationId, data: text });
  await expect
    .poll(shown)
    .toEqual([{ title: "Pincer", body: "Etwas wartet auf Ihre Freigabe.", data: { key: "main" }, silent: false }]);
  await page.goto(`${site.origin}/phone/#/main`);
  await page.getByRole("heading", { level: 1, name: "Plan" }).waitFor();
  // Also to who looks, without a sound: what shows nothing is told nothing any more.
  await expect
    .poll(() =>
      worker!.evaluate(`clients.matchAll({ type: "window" }).then((all) => all.some(({ focused }) => focused))`),
    )
    .toBe(true);
  await cdp.send("ServiceWorker.deliverPushMessage", { origin: site.origin, registrationId, data: text });
  await expect.poll(async () => ((await shown()) as { silent: boolean }[]).map(({ silent }) => silent)).toEqual([true]);
  await page.getByRole("button", { name: "Ablehnen" }).click();
  await expect.poll(shown).toEqual([]);
  expect(problems).toEqual([]);
});
