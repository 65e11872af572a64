import { createSocket } from "node:dgram";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openEgressProxy } from "../../src/net/egressProxy.ts";
import { safeName } from "../../src/browser/session/downloads.ts";
import { servePages } from "./pages.ts";
import { refOf, testBrowser } from "./testBrowser.ts";

const REFUSED = [
  "file:///etc/passwd",
  "javascript:alert(1)",
  "data:text/html,hi",
  "chrome://version",
  "view-source:http://example.com",
  "ftp://example.com",
  "http://user:secret@example.com",
  "http://10.0.0.1/",
  "http://169.254.169.254/latest/meta-data",
  "http://[::ffff:192.168.0.1]/",
  "http://0x7f.1/",
  "http://mixed.test/",
];

test("only http and https on the public internet are opened", async () => {
  const { act } = testBrowser({ allowLoopback: false, resolve: async () => ["93.184.216.34", "192.168.1.1"] });
  for (const url of REFUSED) {
    await expect(act({ action: "open", url }), url).rejects.toMatchObject({ code: "forbidden" });
  }
  expect((await act({ action: "tabs" })).tabs).toEqual([]);
});

test("pages of this machine are opened only where the setting says so", async () => {
  const pages = await servePages({ "/": "home" });
  const { act } = testBrowser({ allowLoopback: false });
  await expect(act({ action: "open", url: pages.url })).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("browser.allowLoopback"),
  });
  expect(pages.requests).toEqual([]);
});

test("redirects and subresources are checked as connected to, whatever the name server says later", async () => {
  const secret = await servePages({ "/": "secret", "/pixel": "secret" });
  const port = new URL(secret.url).port;
  let asked = 0;
  // Answers with an address that is let through first, and with a forbidden one ever after.
  const resolve = async (host: string) => {
    if (host === "front.test") return ["127.0.0.1"];
    if (host === "rebind.test" && asked++ === 0) return ["127.0.0.1"];
    return ["192.168.7.7"];
  };
  const front = await servePages({
    "/": `<img src="http://inside.test:${port}/pixel"><script>
      fetch("http://inside.test:${port}/pixel").catch(() => {});
      new WebSocket("ws://inside.test:${port}/socket");
      new WebSocket("ws://10.1.2.3/socket");</script>`,
    "/redirect": (_, response) => response.writeHead(302, { Location: "http://10.0.0.1/admin" }).end(),
    "/onward": (_, response) => response.writeHead(302, { Location: "https://192.168.0.1/admin" }).end(),
  });
  const { act } = testBrowser({ resolve });
  const home = front.url.replace("127.0.0.1", "front.test");

  await expect(act({ action: "open", url: `${home}/redirect` })).rejects.toMatchObject({
    code: "forbidden",
    message: "10.0.0.1 is at 10.0.0.1, which is not on the public internet",
  });
  await expect(act({ action: "open", url: `${home}/onward` })).rejects.toMatchObject({ code: "forbidden" });
  await expect(act({ action: "open", url: `http://rebind.test:${port}/` })).rejects.toMatchObject({
    code: "forbidden",
    message: "rebind.test is at 192.168.7.7, which is not on the public internet",
  });

  await act({ action: "open", url: home });
  await act({ action: "act", kind: "wait", state: "idle" });
  await expect
    .poll(async () => (await act({ action: "network" })).network?.map(({ problem }) => problem))
    .toContain("refused: inside.test is at 192.168.7.7, which is not on the public internet");
  expect(secret.requests).toEqual([]);
  expect(secret.sockets()).toBe(0);
});

test("what a rule denies is reached by no redirect and no page, and the reason is told", async () => {
  const denied = await servePages({ "/": "not for it" });
  const { port } = new URL(denied.url);
  const front = await servePages({
    "/": `<img src="http://x.ads.test:${port}/">Home`,
    "/redirect": (_, response) => response.writeHead(302, { Location: `http://x.ads.test:${port}/` }).end(),
  });
  const asked: string[] = [];
  const { act } = testBrowser({
    resolve: async (host) => (asked.push(host), ["127.0.0.1"]),
    refuses: (host) => (host.endsWith(".ads.test") ? `A rule keeps the agent from ${host}` : undefined),
  });
  const home = front.url.replace("127.0.0.1", "front.test");
  for (const url of [`${home}/redirect`, `http://x.ads.test:${port}/`])
    await expect(act({ action: "open", url })).rejects.toMatchObject({
      code: "forbidden",
      message: "A rule keeps the agent from x.ads.test",
    });
  await act({ action: "open", url: home });
  await expect
    .poll(async () => (await act({ action: "network" })).network?.map(({ problem }) => problem))
    .toContain("refused: A rule keeps the agent from x.ads.test");
  expect(denied.requests).toEqual([]);
  expect(asked).not.toContain("x.ads.test");
});

test("WebSockets to where pages may go do work, and calls do not go around the proxy", async () => {
  const stun = createSocket("udp4");
  let packets = 0;
  stun.on("message", () => (packets += 1));
  await new Promise<void>((resolve) => stun.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => void stun.close());
  const pages = await servePages({ "/": "<h1>Calls</h1>" });
  const { act } = testBrowser();
  await act({ action: "open", url: pages.url });
  const opened = await act({
    action: "act",
    kind: "evaluate",
    script: `() => new Promise((done) => { const s = new WebSocket("${pages.url.replace("http", "ws")}/live"); s.onopen = () => done("open"); s.onerror = () => done("error") })`,
  });
  expect(opened.value).toBe('"open"');
  expect(pages.sockets()).toBe(1);
  const candidates = await act({
    action: "act",
    kind: "evaluate",
    script: `async () => {
      const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:127.0.0.1:${stun.address().port}" }] });
      const found = [];
      peer.onicecandidate = ({ candidate }) => candidate && found.push(candidate.candidate);
      peer.createDataChannel("x");
      await peer.setLocalDescription(await peer.createOffer());
      await new Promise((done) => setTimeout(done, 1500));
      return found.filter((text) => / udp /i.test(text));
    }`,
  });
  expect(JSON.parse(candidates.value!)).toEqual([]);
  expect(packets).toBe(0);
});

test("the proxy is none for those who talk to it as to a server, and closed for the browser's own requests", async () => {
  const closed = await openEgressProxy({ allowLoopback: () => true, closed: true });
  const open = await openEgressProxy({ allowLoopback: () => true });
  onTestFinished(() => (closed.close(), open.close()));
  const pages = await servePages({ "/": "home" });
  expect((await fetch(`${open.url}/`)).status).toBe(403);
  const answer = (proxy: string, request: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(proxy).port), "127.0.0.1", () => socket.write(request));
      socket.once("data", (data) => {
        resolve(data.toString().split("\r\n")[0]!);
        socket.destroy();
      });
    });
  const host = new URL(pages.url).host;
  expect(await answer(open.url, `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatch(/200/);
  expect(await answer(closed.url, `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatch(/403/);
  expect(await answer(closed.url, `GET ${pages.url}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatch(/403/);
  expect(pages.requests).toEqual([]);
});

test("downloads land in the session's folder under plain names", async () => {
  const pages = await servePages({
    "/": "<a href=/file download>Get</a>",
    "/file": (_, response) =>
      response
        .writeHead(200, { "Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="../../evil.csv"' })
        .end("a,b"),
  });
  const { act, stateDir } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  const saved = async () => (await act({ action: "downloads" })).downloads ?? [];
  await act({ action: "act", kind: "click", ref: refOf(opened, "Get") });
  await expect.poll(saved).toHaveLength(1);
  await act({ action: "navigate", url: `${pages.url}/file` });
  await expect.poll(saved).toHaveLength(2);
  const downloads = await saved();
  expect(downloads.map(({ name, bytes }) => [name, bytes])).toEqual([
    [expect.stringMatching(/^[\w.-]*evil\.csv$/), 3],
    [expect.stringMatching(/^[\w.-]*evil \(2\)\.csv$/), 3],
  ]);
  for (const { path } of downloads) {
    expect(path.startsWith(join(stateDir, "browser"))).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("a,b");
  }
  expect(readdirSync(stateDir)).toEqual(["browser"]);
});

test.each([
  ["../../etc/passwd", "_.._etc_passwd"],
  ["C:\\Windows\\x.exe", "C_Windows_x.exe"],
  ["con.txt", "_con.txt"],
  ["...", "download"],
  [".bashrc", "bashrc"],
  ["a\u202egnp.exe", "a_gnp.exe"],
  [`${"x".repeat(300)}.pdf`, `${"x".repeat(116)}.pdf`],
  // What file systems count are bytes.
  [`${"報".repeat(120)}.pdf`, `${"報".repeat(78)}.pdf`],
  [`${"😀".repeat(100)}.pdf`, `${"😀".repeat(58)}.pdf`],
])("a download called %s is kept as %s", (proposed, kept) => {
  expect(safeName(proposed)).toBe(kept);
});

test("uploads come from the workspace and from nowhere else", async () => {
  const pages = await servePages({
    "/": "<input type=file multiple aria-label=Files onchange='out.textContent = [...this.files].map(f => f.name + f.size)'><p id=out></p>",
  });
  const { act, workspace, browser } = testBrowser();
  mkdirSync(join(workspace, "work"));
  writeFileSync(join(workspace, "work", "report.txt"), "12345");
  writeFileSync(join(workspace, "outside.txt"), "secret");
  symlinkSync(join(workspace, "outside.txt"), join(workspace, "work", "link.txt"));
  const caller = { sessionKey: "main", workspace: join(workspace, "work"), signal: new AbortController().signal };
  const opened = await act({ action: "open", url: pages.url });
  const ref = refOf(opened, "Files");
  const upload = (paths: string[]) => browser.act({ action: "upload", ref, paths }, caller);
  expect((await upload(["report.txt"])).changes?.lines?.join("\n")).toContain("report.txt5");
  for (const path of ["../outside.txt", "link.txt", join(workspace, "outside.txt"), "/etc/passwd"]) {
    await expect(upload([path])).rejects.toMatchObject({ code: "forbidden" });
  }
  await expect(upload(["none.txt"])).rejects.toMatchObject({ code: "not_found" });
  await expect(
    browser.act({ action: "upload", ref, paths: ["x"] }, { ...caller, workspace: "" }),
  ).rejects.toMatchObject({ code: "forbidden" });
});

test("what a session keeps is for its user alone, and gone when the session is", async () => {
  const pages = await servePages({
    "/": (_, response) => response.writeHead(200, { "Set-Cookie": "who=me; Max-Age=3600" }).end("hi"),
  });
  const { act, browser, stateDir } = testBrowser();
  await act({ action: "open", url: pages.url });
  await act({ action: "stop" });
  const folder = join(stateDir, "browser");
  const file = join(folder, readdirSync(folder)[0]!, "state.json");
  expect(readFileSync(file, "utf8")).toContain('"who"');
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
  await browser.forget("main");
  expect(readdirSync(folder)).toEqual([]);
});
