import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { BrowserContext, Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import type { McpServers } from "../../src/core/ports/mcpServers.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import { openGatewayBench } from "../gateway/bench.ts";
import { nextEvent } from "../core/bench.ts";
import { call } from "../fakes/scriptedProvider.ts";
import { faults, overflowOfLarge } from "./phoneFaults.ts";
import { home, openPhoneSite, phoneFiles, SERVED } from "./phoneSite.ts";
import { pressAtOnce } from "./thumb.ts";

/** As the browser does for a page that is put away, and taken out again. */
async function put(page: Page, state: "hidden" | "visible"): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, "visibilityState", { value: "${state}", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"))`);
}

test("however many pages of a browser are open, those that nobody looks at hold nothing, and are up to date when they are", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan" });
  const { page: first } = await site.phone();
  await first.goto(`${site.origin}/phone/#${await site.code()}`);
  await home(first).waitFor();
  const pages = [first];
  for (let count = 0; count < 4; count++) {
    await put(pages.at(-1)!, "hidden");
    const page = await first.context().newPage();
    await page.goto(`${site.origin}/phone/`);
    await page.getByRole("button", { name: /^Plan/ }).click();
    await page.getByRole("textbox").or(page.getByText("Nothing has been said here yet.")).first().waitFor();
    pages.push(page);
  }
  await expect.poll(() => site.gateway.status().connections).toBe(2);
  await site.core.sessions.update("main", { title: "Another plan" });
  await put(first, "visible");
  await first.getByRole("button", { name: /^Another plan/ }).waitFor();
  expect(await first.getByText("cannot be reached").count()).toBe(0);
});

test("a session whose stream cannot be opened is said to be connecting, and is not spoken of once it is left", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan" });
  const { page } = await site.phone();
  await page.goto(`${site.origin}/phone/#${await site.code()}`);
  await page.getByRole("button", { name: /^Plan/ }).click();
  await page.getByText("Nothing has been said here yet.").waitFor();
  await page.route(/\/api\/events\?sessionKey/, (route) => route.abort());
  const opened = page.waitForResponse((response) => response.url().includes("/api/events?stateOnly"));
  await put(page, "hidden");
  await put(page, "visible");
  await opened;
  await page.waitForEvent("requestfailed", (request) => request.url().includes("/api/events?sessionKey"));
  const away = page.getByText("Your computer cannot be reached.");
  const connecting = page.getByText("Connecting…");
  await connecting.or(away).waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  await home(page).waitFor();
  await expect.poll(async () => (await away.count()) + (await connecting.count())).toBe(0);
});

test("it goes on where it was when it is loaded anew, and a link that is opened in it counts", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan" });
  const { key } = await site.core.sessions.create({ title: "Other" });
  const { page, problems } = await site.phone();
  await page.goto(`${site.origin}/phone/#/%E0%A4%A`);
  await page.getByRole("heading", { name: "Pair this phone" }).waitFor();
  const code = await site.code();
  // Typed into the address of the page that is open: nothing is loaded.
  await page.evaluate(`location.hash = "#${code}"`);
  await page.getByRole("button", { name: /^Plan/ }).click();
  expect(page.url()).toBe(`${site.origin}/phone/`);
  await page.getByRole("heading", { level: 1, name: "Plan" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Plan" }).waitFor();
  await page.evaluate(`location.hash = "#/${encodeURIComponent(key)}"`);
  await page.getByRole("heading", { level: 1, name: "Other" }).waitFor();
  await page.goBack();
  await home(page).waitFor();
  // One that is deleted while it is shown, and one that is gone when it is come to.
  await page.evaluate(`location.hash = "#/gone"`);
  await home(page).waitFor();
  expect(problems.filter((problem) => !/404/.test(problem))).toEqual([]);
});

test("where the computer answers nothing the page is there in seconds, and says so", async () => {
  const site = await openPhoneSite();
  const { page } = await site.phone();
  await page.goto(`${site.origin}/phone/#${await site.code()}`);
  await home(page).waitFor();
  await page.evaluate("navigator.serviceWorker.ready.then(() => true)");
  await page.reload();
  await home(page).waitFor();
  const { port } = site.gateway;
  await site.gateway.close();
  // As a network does whose computer sleeps: what is asked is taken, and never answered.
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  silent.listen(port, "0.0.0.0");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  expect((silent.address() as AddressInfo).port).toBe(port);
  await page.reload();
  await page.getByRole("heading", { name: "Waits for you" }).waitFor();
  await page.getByText("Not known yet").waitFor();
  // And when it wakes, all is there again.
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
  await openGatewayBench({ over: site, gateway: { ...SERVED, phoneFiles: await phoneFiles(), port } });
  await page.getByText("Nothing waits for you.").waitFor();
});

test("a page that came from another version loads itself anew, but not while something is typed", async () => {
  const site = await openPhoneSite();
  await site.core.sessions.update("main", { title: "Plan" });
  const { page } = await site.phone();
  await page.goto(`${site.origin}/phone/#${await site.code(true)}`);
  await page.getByRole("button", { name: /^Plan/ }).click();
  const message = page.getByRole("textbox", { name: "Message" });
  await message.fill("not yet sent");
  // As it answers once another version runs; the page that is loaded then knows nothing of this.
  await page.evaluate(`{
    const real = fetch;
    globalThis.asked = 0;
    globalThis.fetch = async (path, init) => {
      const response = await real(path, init);
      if (path !== "/api/phones/self") return response;
      const told = await response.json();
      globalThis.asked += 1;
      return Response.json({ ...told, version: "9.9.9" });
    };
  }`);
  const lookAgain = async () => {
    await put(page, "hidden");
    await put(page, "visible");
  };
  await lookAgain();
  await expect.poll(() => page.evaluate("asked")).toBe(1);
  expect(await message.inputValue()).toBe("not yet sent");
  await message.fill("");
  await lookAgain();
  await expect.poll(() => page.evaluate("typeof asked").catch(() => "gone")).toBe("undefined");
  await page.getByRole("heading", { level: 1, name: "Plan" }).waitFor();
});

test("what slides under a thumb is not pressed, and what was answered elsewhere is said to be", async () => {
  const turns = [[call("note", { text: "one" })], [call("note", { text: "two" })], ["done"], ["done"]];
  const site = await openPhoneSite({ turns });
  const ask = async () => {
    const asked = nextEvent(site.core, "approval.asked");
    const { key } = await site.core.sessions.create({ title: "S" });
    await site.core.sessions.send({ text: "go", origin: { via: "panel" }, sessionKey: key });
    return (await asked).approval;
  };
  const { page } = await site.phone();
  await page.clock.install();
  await page.goto(`${site.origin}/phone/#${await site.code()}`);
  await home(page).waitFor();
  await page.evaluate(pressAtOnce);
  const one = await ask();
  const allow = (text: string) =>
    page.getByRole("article", { name: `note ${text}` }).getByRole("button", { name: "Allow once" });
  await allow("one").waitFor();
  expect(await page.evaluate("pressed")).toBe("true");
  await page.clock.runFor(5000);
  expect(await allow("one").getAttribute("aria-disabled")).toBe("false");
  expect(await site.core.approvals.list()).toHaveLength(1);
  // Meanwhile the page hears nothing.
  await put(page, "hidden");
  await site.core.approvals.answer(one.id, "deny", "panel");
  await allow("one").click();
  await page.getByRole("alert").getByText("It waits no more: it was answered elsewhere").waitFor();
  expect(await allow("one").count()).toBe(0);
});

test("what may have been taken is not said twice", async () => {
  const site = await openPhoneSite({ turns: [["one"], ["two"]] });
  await site.core.sessions.update("main", { title: "Plan" });
  const { page } = await site.phone();
  await page.goto(`${site.origin}/phone/#${await site.code(true)}`);
  await page.getByRole("button", { name: /^Plan/ }).click();
  // It arrives, and the first answer is lost.
  await page.evaluate(`{
    const real = fetch;
    globalThis.fetch = async (path, init) => {
      const response = await real(path, init);
      if (path !== "/api/sessions/send") return response;
      globalThis.fetch = real;
      throw new TypeError("Failed to fetch");
    };
  }`);
  await page.getByRole("textbox", { name: "Message" }).fill("only once");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("alert").getByText("cannot be reached").waitFor();
  expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("only once");
  await page.getByRole("button", { name: /^(Send|Steer)$/ }).click();
  await expect.poll(() => page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("");
  const { messages } = await site.core.sessions.history("main", { limit: 10, includeTools: false });
  expect(messages.filter(({ role }) => role === "user")).toHaveLength(1);
});

test("a form of a server is filled in, and is told what is missing; a page of one is for the computer", async () => {
  const question: McpQuestion = {
    id: "q1",
    server: "travel",
    message: "Where to?",
    fields: [
      { kind: "text", name: "city", title: "City", required: true },
      { kind: "boolean", name: "pets", title: "Pets", required: false },
      {
        kind: "choice",
        name: "class",
        title: "Class",
        required: true,
        options: [
          { value: "1", title: "First" },
          { value: "2", title: "Second" },
        ],
      },
    ],
    createdAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
  };
  const host = "x.example";
  const open = [
    question,
    { ...question, id: "q2", message: "Sign in", fields: [], page: { address: `https://${host}/`, host } },
  ];
  const answers: [string, McpAnswer][] = [];
  const servers = {
    ...{ tools: () => [], settled: async () => {}, list: () => [], prompts: async () => [] },
    questions: () => open,
    async answer(id: string, answer: McpAnswer) {
      answers.push([id, answer]);
      const [found] = open.splice(
        open.findIndex((one) => one.id === id),
        1,
      );
      return found;
    },
  } as unknown as McpServers;
  const site = await openPhoneSite({ servers });
  const { page, problems } = await site.phone();
  await page.goto(`${site.origin}/phone/#${await site.code()}`);
  const form = page.getByRole("form", { name: "The MCP server travel asks: Where to?" });
  await form.getByRole("button", { name: "Send" }).click();
  await form.getByText("An answer is needed here.").first().waitFor();
  expect(await faults(page)).toEqual([]);
  expect(await overflowOfLarge(page)).toBe(0);
  await form.getByLabel("City").fill("Kyoto");
  await form.getByLabel("Class").selectOption("Second");
  await form.getByRole("button", { name: "Send" }).click();
  await expect.poll(() => answers).toEqual([["q1", { action: "accept", content: { city: "Kyoto", class: "2" } }]]);
  await page.getByText(`It wants you to open a page of ${host}. Do that at your computer.`).waitFor();
  const other = page.getByRole("form", { name: "The MCP server travel asks: Sign in" });
  await other.getByRole("button", { name: "Decline" }).click();
  await page.getByText("Nothing waits for you.").waitFor();
  expect(problems).toEqual([]);
});

/** A browser's push service, as far as a page sees it: what it subscribed with, and how often. */
async function fakePush(context: BrowserContext): Promise<void> {
  const endpoint = "https://8.8.8.8/push/";
  const keys = {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  };
  await context.addInitScript(`(() => {
    const read = () => JSON.parse(localStorage.getItem("fake-push") ?? "null");
    const write = (value) => localStorage.setItem("fake-push", JSON.stringify(value));
    const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
    const toSubscription = ({ key, number }) => ({
      options: { applicationServerKey: bytes(key) },
      toJSON: () => ({ endpoint: ${JSON.stringify(endpoint)} + number, keys: ${JSON.stringify(keys)} }),
      unsubscribe: async () => (write(null), true),
    });
    PushManager.prototype.getSubscription = async () => { const one = read(); return one && toSubscription(one); };
    PushManager.prototype.subscribe = async ({ applicationServerKey: key }) => {
      const number = Number(localStorage.getItem("fake-number") ?? 0) + 1;
      localStorage.setItem("fake-number", number);
      write({ key, number });
      return toSubscription(read());
    };
  })()`);
}

test("a page subscribes anew when the gateway's key is another, the vendor forgot it, or the browser did", async () => {
  const site = await openPhoneSite();
  const { page } = await site.phone({ permissions: ["notifications"] });
  await fakePush(page.context());
  await page.goto(`${site.origin}/phone/#${await site.code()}`);
  await page.getByRole("button", { name: "Tell me when something waits" }).click();
  const off = page.getByRole("button", { name: "Tell me nothing while this is closed" });
  await off.waitFor();
  const [note] = await site.core.store.listNotes("phone", "paired:");
  const stored = async () =>
    (await site.core.store.listNotes("phone", "paired:"))[0]!.value["push"] as
      | { endpoint: string; signedBy: string }
      | undefined;
  const before = (await stored())!;
  const put = (push: object | undefined, more: object = {}) => {
    const { push: _, ...rest } = note!.value;
    const value = { ...rest, ...(push && { push }), ...more };
    return site.core.store.commit({ channels: [{ note: { channel: "phone", key: note!.key }, value }] });
  };
  const number = () => page.evaluate("localStorage.getItem('fake-number')");
  // As it is: told once more, and nothing is asked of the vendor.
  const told = page.waitForResponse((response) => response.url().endsWith("/phones/subscribe"));
  await page.reload();
  await off.waitFor();
  await told;
  expect(await number()).toBe("1");
  // The gateway's keys were lost, and others made: the browser's is bound to those.
  await put({ ...before, signedBy: "another" });
  await page.reload();
  await off.waitFor();
  await expect.poll(stored).toEqual({ ...before, endpoint: "https://8.8.8.8/push/2" });
  // The vendor said that nobody is there.
  await put(undefined);
  await page.reload();
  await expect.poll(stored).toEqual({ ...before, endpoint: "https://8.8.8.8/push/3" });
  await off.waitFor();
  // The browser forgot.
  await page.evaluate("localStorage.removeItem('fake-push')");
  await page.reload();
  await expect.poll(stored).toEqual({ ...before, endpoint: "https://8.8.8.8/push/4" });
  // The vendor refused what it was told last: that is said, and another is subscribed to.
  await put(await stored(), { pushFault: "status 403" });
  await page.reload();
  await page.getByText("This phone was not told the last time: status 403.").waitFor();
  await expect.poll(stored).toEqual({ ...before, endpoint: "https://8.8.8.8/push/5" });
  // No notifications any more: it is not said to be on.
  await page.context().clearPermissions();
  await page.evaluate("localStorage.removeItem('fake-push')");
  await page.reload();
  await page.getByRole("button", { name: "Tell me when something waits" }).waitFor();
  await expect.poll(stored).toBeUndefined();
});
