import type { Page, Route } from "playwright-core";
import { expect, test } from "vitest";
import { TOKEN } from "../gateway/bench.ts";
import { home, openPhoneSite, SERVED } from "./phoneSite.ts";

test("paired anew in one page the others go on with it, and a removed one is a stranger in all", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan 7091" });
  const { page: first } = await site.phone();
  await first.goto(`${site.origin}/phone/#${await site.code()}`);
  await home(first).waitFor();
  const second = await first.context().newPage();
  await second.goto(`${site.origin}/phone/#${await site.code(true)}`);
  await home(second).waitFor();
  const listed = async () =>
    ((await site.asAdmin("phones.list", {})) as { phones: { id: string; scopes: string[] }[] }).phones;
  await expect.poll(listed).toHaveLength(1);
  for (const page of [first, second]) {
    await page.getByRole("button", { name: /^Plan/ }).click();
    // It may write now.
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    expect(await page.locator("[role=alert]").textContent()).toBe("");
  }
  const written = first.getByRole("textbox", { name: "Message" });
  await written.fill("Half a thought 7091");
  await first.reload();
  await expect.poll(() => written.inputValue()).toBe("Half a thought 7091");
  await site.asAdmin("phones.remove", { id: (await listed())[0]!.id });
  for (const page of [first, second]) {
    await page.getByText("This phone is not paired any more.").waitFor();
    expect(await page.locator("body").textContent()).not.toContain("Half a thought");
  }
  // Neither from what its worker keeps.
  await first.goForward().catch(() => undefined);
  await first.context().setOffline(true);
  await first.reload();
  await first.getByRole("heading", { name: "Pair this phone" }).waitFor();
  expect(await kept(first)).not.toContain("Half a thought");
});

test("what is asked while another page comes in anew is asked once more, by its token", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan" });
  const { page: first } = await site.phone();
  await first.goto(`${site.origin}/phone/#${await site.code()}`);
  await home(first).waitFor();
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const hold = async (route: Route) => {
    asked.resolve();
    await goOn.promise;
    await route.continue();
  };
  await first.route(/\/api\/sessions\/history/, hold, { times: 1 });
  await first.getByRole("button", { name: /^Plan/ }).click();
  await asked.promise;
  const left = first.context().waitForEvent("response", (response) => response.url().endsWith("/api/phones/leave"));
  const second = await first.context().newPage();
  await second.goto(`${site.origin}/phone/#${await site.code(true)}`);
  await left;
  // Heard of by then: a page's storage is told of what another page stores, and that takes its time.
  const fresh = await second.evaluate<string>("localStorage.getItem('pincer.token')");
  await first.waitForFunction(`localStorage.getItem('pincer.token') === ${JSON.stringify(fresh)}`);
  const refused = first.waitForResponse((response) => response.status() === 401);
  const told = first.waitForResponse((response) => response.url().includes("/api/sessions/history") && response.ok());
  goOn.resolve();
  await Promise.all([refused, told]);
  await first.getByRole("textbox", { name: "Message" }).waitFor();
  expect(await first.locator("[role=alert]").textContent()).toBe("");
});

test("where a page hears late of another that came in anew, it takes nothing away from it", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan" });
  const { page: first } = await site.phone();
  await first.addInitScript(hearsLate);
  await first.goto(`${site.origin}/phone/#${await site.code()}`);
  await home(first).waitFor();
  const refused = first.waitForResponse((response) => response.status() === 401);
  const second = await first.context().newPage();
  await second.goto(`${site.origin}/phone/#${await site.code(true)}`);
  await home(second).waitFor();
  await refused;
  await first.evaluate("hear()");
  await expect.poll(() => first.locator("body").textContent()).not.toContain("not paired");
  await home(first)
    .or(first.getByRole("textbox", { name: "Message" }))
    .waitFor();
  await second.reload();
  await home(second).waitFor();
});

test("a page that asks while phones may not come in is paired still, and has what was written, when they may again", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan" });
  const { page } = await site.phone();
  await page.goto(`${site.origin}/phone/#${await site.code(true)}`);
  await page.getByRole("button", { name: /^Plan/ }).click();
  await page.getByRole("textbox", { name: "Message" }).fill("Half a thought");
  const { host, tls } = SERVED;
  const address = { host, tls, port: site.gateway.port };
  const tokens = [{ name: "default", value: TOKEN, scope: "admin" as const }];
  const refused = page.waitForResponse((response) => response.url().includes("/api/events") && !response.ok());
  await site.gateway.reconfigure({ tokens, address, remote: false });
  expect((await refused).status()).toBe(503);
  await page.getByText("Your computer cannot be reached.").waitFor();
  await site.gateway.reconfigure({ tokens, address, remote: true });
  await page.getByText("Your computer cannot be reached.").waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("Half a thought");
  await page.getByRole("button", { name: "Back" }).click();
  await home(page).waitFor();
});

/** As where the browser is slow to tell a page what another one has stored: it sees what it saw at first, until `hear()`. */
const hearsLate = `(() => {
  const get = Storage.prototype.getItem;
  const listen = window.addEventListener;
  const told = [];
  let mine, isLate = true;
  const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) { if (key === "pincer.token") mine = value; set.call(this, key, value); };
  Storage.prototype.getItem = function (key) { return isLate && key === "pincer.token" && mine ? mine : get.call(this, key); };
  window.addEventListener = function (type, fn, options) {
    listen.call(this, type, type === "storage" ? (event) => (isLate ? told.push(() => fn(event)) : fn(event)) : fn, options);
  };
  window.hear = () => { isLate = false; for (const tell of told) tell(); };
})()`;

/** All that the browser keeps for the page. */
async function kept(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const texts = [JSON.stringify([localStorage, sessionStorage])];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) texts.push(request.url, await (await cache.match(request)).text());
    }
    return texts.join("\\n");
  })()`);
}
