import { once } from "node:events";
import { request } from "node:http";
import { generate } from "selfsigned";
import { expect, onTestFinished, test } from "vitest";
import { openEgressProxy } from "../../src/net/egressProxy.ts";
import { loadDriver } from "../../src/browser/process/driver.ts";
import { trustOwnCertificates } from "../../src/browser/session/ownCertificates.ts";
import type { Credentials } from "../../src/browser/session/signIn.ts";
import { findChromium } from "../steps/chromium.mjs";
import { servePages } from "./pages.ts";
import { testBrowser } from "./testBrowser.ts";

/** Serves over TLS with a certificate that nobody vouches for. */
async function serveSelfSigned(answers: Parameters<typeof servePages>[0]) {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
  });
  return servePages(answers, { cert, key });
}

const SCRIPT = "fetch('/data').then((answer) => answer.text()).then((text) => document.title = text)";

test("a server of this machine is opened with its own certificate, and so is what its page asks for", async () => {
  const pages = await serveSelfSigned({
    "/": `<h1>Own</h1><a href="/next" target="_blank">Next</a><script>${SCRIPT}</script>`,
    "/data": "DATA",
    "/next": "<h1>Second</h1>",
  });
  const { act } = testBrowser({ resolve: async () => ["127.0.0.1"] });
  const { port } = new URL(pages.url);
  for (const url of [pages.url, `https://localhost:${port}`, `https://app.test:${port}`]) {
    const opened = await act({ action: "open", url });
    expect(opened.snapshot?.text).toContain("Own");
    await expect.poll(async () => (await act({ action: "tabs" })).tabs?.at(-1)?.title).toBe("DATA");
  }
  const clicked = await act({ action: "act", kind: "click", role: "link", name: "Next" });
  expect(clicked.changes?.openedTabs).toMatchObject([{ id: "t4" }]);
  await expect.poll(async () => (await act({ action: "tabs" })).tabs?.at(-1)?.url).toMatch(/\/next$/);
  await expect.poll(async () => (await act({ action: "snapshot", targetId: "t4" })).snapshot?.text).toContain("Second");
});

test("a certificate that nobody vouches for is refused everywhere else", async () => {
  const pages = await serveSelfSigned({ "/": "<h1>Page</h1>" });
  const { chromium } = await loadDriver();
  const browser = await chromium.launch({ executablePath: findChromium()!, chromiumSandbox: false });
  const proxy = await openEgressProxy({ allowLoopback: () => true });
  onTestFinished(async () => {
    await browser.close();
    proxy.close();
  });
  const context = await browser.newContext({ proxy: { server: proxy.url } });
  const page = await context.newPage();
  const refused: string[] = [];
  const isOwn = (host: string) => host === "localhost";
  await trustOwnCertificates(await context.newCDPSession(page), isOwn, (url, why) => refused.push(`${url} ${why}`));
  await expect(page.goto(pages.url)).rejects.toThrow("net::ERR_");
  await expect.poll(() => refused).toEqual([`${pages.url}/ net::ERR_CERT_AUTHORITY_INVALID`]);
  await page.goto(pages.url.replace("127.0.0.1", "localhost"));
  expect(await page.textContent("h1")).toBe("Page");
});

test("only a host all of whose addresses are this machine's is its own", async () => {
  const pages = await servePages({ "/": "home" });
  const hosts: Record<string, string[]> = { "own.test": ["127.0.0.1"], "mixed.test": ["127.0.0.1", "93.184.216.34"] };
  const proxy = await openEgressProxy({ allowLoopback: () => true, resolve: async (host) => hosts[host]! });
  onTestFinished(() => proxy.close());
  const { hostname, port } = new URL(proxy.url);
  for (const host of Object.keys(hosts)) {
    const asked = request({ host: hostname, port, path: pages.url.replace("127.0.0.1", host), agent: false }).end();
    await once(asked, "response");
  }
  expect([...Object.keys(hosts), "never.test"].filter((host) => proxy.isOwn(host))).toEqual(["own.test"]);
});

/** Pages behind a name and password, and who was let in. */
async function serveGuarded(realm = "Staging", name = "me:se:cret") {
  const seen: string[] = [];
  const wanted = `Basic ${Buffer.from(name).toString("base64")}`;
  const pages = await servePages({
    "/": (request, response) => {
      const { authorization } = request.headers;
      seen.push(authorization ?? "none");
      if (authorization !== wanted) {
        response.writeHead(401, { "WWW-Authenticate": `Basic realm="${realm}"`, "Content-Type": "text/html" });
        return void response.end(`<h1>Who are you?</h1>${" ".repeat(600)}`);
      }
      response.writeHead(200, { "Content-Type": "text/html" });
      response.end("<h1>Inside</h1>");
    },
    "/free": "<h1>Free</h1>",
  });
  return { ...pages, seen };
}

const browserWith = (credentials: Credentials[]) =>
  testBrowser({
    config: () => ({ headless: true, allowLoopback: true, executablePath: findChromium()!, credentials }),
  });

test("a server that asks for a name and password is told what the user gave for its origin", async () => {
  const pages = await serveGuarded();
  const { act } = browserWith([{ origin: pages.url, username: "me", password: "se:cret" }]);
  const opened = await act({ action: "open", url: pages.url });
  expect(opened.snapshot?.text).toContain("Inside");
  expect(JSON.stringify(opened)).not.toContain("cret");
  const script = "fetch('/').then((answer) => answer.status)";
  expect((await act({ action: "act", kind: "evaluate", script })).value).toBe("200");
});

test.each([
  ["none are given", () => [], "there are none for it in browser.credentials"],
  [
    "they are another origin's",
    () => [{ origin: "http://127.0.0.1:1", username: "me", password: "se:cret" }],
    "there are none for it",
  ],
  [
    "they are another realm's",
    (origin: string) => [{ origin, realm: "Other", username: "me", password: "se:cret" }],
    "there are none for it",
  ],
  [
    "they are wrong",
    (origin: string) => [{ origin, username: "me", password: "wrong" }],
    "did not take those of browser.credentials",
  ],
])("who asks and is not let in is named, when %s", async (_when, toCredentials, words) => {
  const pages = await serveGuarded();
  const { act } = browserWith(toCredentials(pages.url));
  const told = await act({ action: "open", url: pages.url }).then(
    (answer) => answer.notices?.join() ?? "",
    (error: Error) => error.message,
  );
  expect(told).toContain(
    `${pages.url} asks for a name and password (realm "Staging"), and ${words.startsWith("did") ? "" : "there are none"}`.trim(),
  );
  expect(told).toContain(words);
  expect(pages.seen.length).toBeLessThanOrEqual(2);
  expect((await act({ action: "open", url: `${pages.url}/free` })).notices).toBeUndefined();
});

test("a page of another origin makes nobody sign in for it", async () => {
  const pages = await serveGuarded();
  const other = await servePages({
    "/": `<h1>Other</h1><img src="${pages.url}/"><script>fetch("${pages.url}/", { credentials: "include", mode: "no-cors" })</script>`,
  });
  const { act } = browserWith([{ origin: pages.url, username: "me", password: "se:cret" }]);
  await act({ action: "open", url: other.url });
  await act({ action: "act", kind: "wait", state: "idle" });
  await expect.poll(() => pages.seen.length).toBeGreaterThan(0);
  expect(new Set(pages.seen)).toEqual(new Set(["none"]));
});

test("a page of a PDF says that its text cannot be read, and what reads it", async () => {
  const source = await servePages({ "/": "<h1>Printed</h1>" });
  const { act } = testBrowser();
  await act({ action: "open", url: source.url });
  const { file } = await act({ action: "pdf" });
  const pages = await servePages({
    "/report": (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/pdf" });
      response.end(Buffer.from(file!.data!, "base64"));
    },
    "/": '<h1>List</h1><a href="/report">Report</a>',
  });
  const opened = await act({ action: "open", url: `${pages.url}/report` });
  expect(opened.snapshot?.text).toContain("This is a PDF in the browser's viewer");
  expect(opened.snapshot?.text).toContain("The action pdf saves the file");
  const saved = (await act({ action: "pdf" })).file!;
  expect([saved.name, saved.data === file!.data]).toEqual(["report.pdf", true]);
  await act({ action: "open", url: pages.url });
  const clicked = await act({ action: "act", kind: "click", role: "link", name: "Report" });
  expect(JSON.stringify(clicked)).toContain("This is a PDF");
});
