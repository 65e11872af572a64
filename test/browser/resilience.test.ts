import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findExecutable } from "../../src/browser/process/findExecutable.ts";
import { posixTest } from "../posix.ts";
import { servePages } from "./pages.ts";
import { refOf, testBrowser, whyNot } from "./testBrowser.ts";

const BUSY = "<title>Busy</title><button onclick='for (;;) {}'>Hang</button>";

test("sessions share nothing, and work side by side", async () => {
  const pages = await servePages({
    "/login": (request, response) => {
      const who = new URL(request.url ?? "", "http://x").searchParams.get("who");
      response.writeHead(200, { "Set-Cookie": `who=${who}`, "Content-Type": "text/html" }).end("in");
    },
    "/who": (request, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end(`<h1>${request.headers.cookie ?? "nobody"}</h1>`),
  });
  const { act } = testBrowser();
  const keys = ["a", "b", "c", "d"];
  await Promise.all(
    keys.map(async (sessionKey) => {
      await act({ action: "open", url: `${pages.url}/login?who=${sessionKey}` }, { sessionKey });
      const seen = await act({ action: "navigate", url: `${pages.url}/who` }, { sessionKey });
      expect(seen.snapshot?.text).toContain(`"who=${sessionKey}"`);
    }),
  );
  expect((await act({ action: "status" })).running).toMatchObject({ sessions: 4, tabs: 4 });
  const stranger = await act({ action: "open", url: `${pages.url}/who` }, { sessionKey: "e" });
  expect(stranger.snapshot?.text).toContain("nobody");
});

test("a cancel stops what hangs, and the session goes on", async () => {
  const pages = await servePages({ "/": BUSY, "/never": () => {}, "/ok": "<h1>Fine</h1>" });
  const { act } = testBrowser();
  let opened = await act({ action: "open", url: pages.url });
  await act({ action: "open", url: `${pages.url}/ok` }, { sessionKey: "other" });

  const hangs = [
    () => ({ action: "navigate" as const, url: `${pages.url}/never` }),
    () => ({ action: "act" as const, kind: "click" as const, ref: refOf(opened, "Hang") }),
    () => ({ action: "act" as const, kind: "evaluate" as const, script: "for (;;) {}" }),
    () => ({ action: "act" as const, kind: "wait" as const, text: "never there" }),
  ];
  for (const hang of hangs) {
    const cancel = new AbortController();
    const reason = new Error("cancelled");
    const going = act(hang(), { signal: cancel.signal });
    const ended = going.then(
      () => undefined,
      (error: unknown) => error,
    );
    setTimeout(() => cancel.abort(reason), 700);
    // Others do not wait for it.
    const beside = await act({ action: "snapshot" }, { sessionKey: "other" });
    expect(beside.snapshot?.text).toContain("Fine");
    expect(await ended).toBe(reason);
    const tabs = (await act({ action: "tabs" })).tabs!;
    // On a busy machine its page may take too long to answer, and be given up.
    if (tabs.length === 0) opened = await act({ action: "open", url: pages.url });
    expect((await act({ action: "snapshot" })).snapshot?.text).toContain("Hang");
  }
});

test("what is not done in its time says so", async () => {
  const pages = await servePages({ "/": "<button disabled>Off</button>", "/never": () => {} });
  const { act } = testBrowser();
  const opened = await act({ action: "open", url: pages.url });
  const ref = refOf(opened, "Off");
  expect(await whyNot(act, { action: "act", kind: "click", ref })).toMatch(
    /^act click was not done within \d+(\.\d)? s: the element is disabled$/,
  );
  await expect(act({ action: "navigate", url: `${pages.url}/never`, timeoutMs: 300 })).rejects.toMatchObject({
    code: "timed_out",
  });
  await expect(act({ action: "navigate", url: "http://127.0.0.1:9" })).rejects.toMatchObject({ code: "bad_request" });
});

test.skipIf(process.platform !== "linux")(
  "a browser that is killed is reported and started again with the next call",
  async () => {
    const pages = await servePages({ "/": "<h1>Home</h1>", "/never": () => {} });
    const { act } = testBrowser();
    await act({ action: "open", url: pages.url });
    const going = act({ action: "navigate", url: `${pages.url}/never` });
    const outcome = expect(going).rejects.toMatchObject({ code: "unavailable" });
    await expect.poll(() => pages.requests).toContain("GET /never");
    const main = browsers(/(chrom|edge).*--remote-debugging-pipe/).filter((pid) => !/--type=/.test(commandLine(pid)));
    expect(main).toHaveLength(1);
    process.kill(main[0]!, "SIGKILL");
    await outcome;
    const again = await act({ action: "open", url: pages.url });
    expect(again.notices).toEqual(["The browser had crashed and was started again: this session's tabs are gone"]);
    expect(again.snapshot?.text).toContain("Home");
    expect((await act({ action: "tabs" })).tabs).toMatchObject([{ id: "t1", title: "" }]);
  },
);

test.skipIf(process.platform !== "linux")("a page that crashes is reported, and its tab closed", async () => {
  const pages = await servePages({ "/": "<h1>Home</h1>" });
  const { act } = testBrowser();
  await act({ action: "open", url: pages.url });
  for (const pid of browsers(/--type=renderer/)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // One that was kept ready may have gone meanwhile.
    }
  }
  await expect.poll(async () => (await act({ action: "tabs" })).tabs).toEqual([]);
  const again = await act({ action: "open", url: pages.url });
  expect(again.snapshot?.text).toContain("Home");
  expect((await act({ action: "status" })).running).toMatchObject({ tabs: 1 });
});

test("a page of 10 MB is read in parts", async () => {
  const rows = Array.from({ length: 5000 }, (_, at) => `<li>${String(at).padStart(6, "0")} ${"x".repeat(2000)}</li>`);
  const pages = await servePages({ "/": `<ul>${rows.join("\n")}</ul>` });
  expect(rows.join("\n").length).toBeGreaterThan(10_000_000);
  const { act } = testBrowser();
  await act({ action: "open", url: pages.url, timeoutMs: 60_000 });
  const first = await act({ action: "snapshot", timeoutMs: 60_000 });
  expect(first.snapshot!.text.length).toBeLessThanOrEqual(12_000);
  expect(first.snapshot!.text).toContain("000000");
  const second = await act({ action: "snapshot", offset: first.snapshot!.nextOffset! });
  const joined = first.snapshot!.text + second.snapshot!.text;
  const numbers = [...joined.matchAll(/: (\d{6}) /g)].map((match) => Number(match[1]));
  expect(numbers.length).toBeGreaterThan(30);
  expect(numbers).toEqual(numbers.map((_, at) => at));
});

test("without a browser the error says what to install on this system", () => {
  const none = { env: { PATH: "/usr/bin" }, isProgram: () => false };
  const said = (platform: NodeJS.Platform, distribution?: string) => {
    try {
      return findExecutable(undefined, [], { ...none, platform }, distribution ?? "");
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(said("linux", "ID=ubuntu\nID_LIKE=debian")).toContain('"sudo snap install chromium"');
  expect(said("linux", "ID=debian")).toContain('"sudo apt-get install chromium"');
  expect(said("linux", "ID=fedora")).toContain('"sudo dnf install chromium"');
  expect(said("linux")).toContain("your package manager");
  expect(said("darwin")).toContain("brew install --cask google-chrome");
  expect(said("win32")).toContain("winget install Google.Chrome");
  expect(said("linux")).toContain("browser.executablePath");
});

test.each([
  ["linux", { PATH: "/opt/bin:/usr/bin" }, "/usr/bin/chromium"],
  ["darwin", { HOME: "/Users/me" }, "/Users/me/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
  [
    "win32",
    { PROGRAMFILES: "C:\\Program Files", "PROGRAMFILES(X86)": "C:\\Program Files (x86)" },
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
] as const)("an installed browser is found on %s", (platform, env, path) => {
  expect(findExecutable(undefined, [], { platform, env, isProgram: (tried) => tried === path })).toBe(path);
});

test("a configured browser that is not there is named", async () => {
  const { act } = testBrowser({
    config: () => ({ headless: true, allowLoopback: false, executablePath: "/nowhere/chrome" }),
  });
  await expect(act({ action: "open", url: "http://example.com" })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("/nowhere/chrome"),
  });
});

/** Ids of the processes that this one's browsers run as. */
function browsers(kind: RegExp): number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const under = (parents: number[]): number[] => {
    const children = rows.filter(([, parent]) => parents.includes(parent)).map(([pid]) => pid);
    return children.length === 0 ? [] : [...children, ...under(children)];
  };
  return under([process.pid]).filter((pid) => kind.test(commandLine(pid)));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

test("a browser that runs already is joined when configured, and left running and untouched", async () => {
  const pages = await servePages({ "/": "<h1>Hello</h1>" });
  const executablePath = findExecutable(undefined, []);
  const profile = mkdtempSync(join(tmpdir(), "pincer-cdp-"));
  const root = process.platform === "linux" && process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const flags = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--no-first-run", ...root];
  const chrome = spawn(executablePath, [...flags, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(async () => {
    chrome.kill("SIGKILL");
    await once(chrome, "exit");
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const cdpUrl = await new Promise<string>((resolve) => {
    let said = "";
    chrome.stderr.on("data", (chunk) => {
      said += String(chunk);
      const port = /listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
  });
  const tabsOf = async () =>
    ((await (await fetch(`${cdpUrl}/json/list`)).json()) as { type: string }[]).filter(({ type }) => type === "page");
  await expect.poll(tabsOf).toHaveLength(1);
  const { act, browser } = testBrowser({ config: () => ({ headless: true, allowLoopback: true, cdpUrl }) });
  const opened = await act({ action: "open", url: pages.url });
  expect(opened.snapshot?.text).toContain("Hello");
  expect((await act({ action: "status" })).running).toMatchObject({ executable: cdpUrl, tabs: 1 });
  await expect(act({ action: "open", url: "http://10.0.0.1/" })).rejects.toMatchObject({ code: "forbidden" });
  await browser.close();
  expect(chrome.exitCode).toBe(null);
  await expect.poll(async () => (await tabsOf()).length).toBe(1);
});

test("nothing at the configured address is said with how to start it", async () => {
  const { act } = testBrowser({
    config: () => ({ headless: true, allowLoopback: true, cdpUrl: "http://127.0.0.1:9" }),
  });
  await expect(act({ action: "tabs" })).resolves.toBeDefined();
  await expect(act({ action: "start" })).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("--remote-debugging-port"),
  });
});

posixTest("a clear is told to other windows also where what is kept here cannot be removed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-browser-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "file"), "");
  const left: unknown[] = [];
  const { act } = testBrowser({ stateDir: join(folder, "file"), onLeave: (one) => void left.push(one) });
  await expect(act({ action: "clear", all: true })).rejects.toThrow(/ENOTDIR/);
  expect(left).toEqual([{ wiped: true }]);
});
