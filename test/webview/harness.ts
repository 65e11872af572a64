import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { chromium, type Browser, type Page } from "playwright-core";
import { findChromium } from "../steps/chromium.mjs";
import { createFakeGateway, type FakeGateway } from "./fakeGateway.ts";
import { createTexts, type Language, type Texts } from "../../src/base/text/texts.ts";
import { themes, type ThemeName } from "./themes.ts";

export interface Harness {
  open: (options?: PanelOptions) => Promise<PanelPage>;
  /** Bytes of the panel's script, minified. */
  scriptBytes: number;
  close: () => Promise<void>;
}

export interface PanelOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  bodyClass?: string;
  /** The editor's language and its texts; English by default. */
  texts?: Language;
  /** Fills the store before the panel asks. */
  prepare?: (gateway: FakeGateway) => void;
  /** The editor does not say that the gateway runs. */
  held?: boolean;
}

export interface PanelPage {
  page: Page;
  gateway: FakeGateway;
  /** What the panel says, in its language. */
  t: Texts["t"];
  /** All that the panel was told, as JSON: what it may show beside its own words. */
  told: string[];
  close: () => Promise<void>;
}

/** How many times slower than it is the browser's processor is to be: what a test hurries past becomes visible. */
const SLOWER = Number(process.env["PINCER_SLOW_BROWSER"] ?? 1);

const root = new URL("../../", import.meta.url);
const CSP = "default-src 'none'; img-src data: 'self'; font-src 'self'; style-src 'self'; script-src 'nonce-harness'";

/** The built panel in a real browser, in a page that poses as VS Code. */
export async function startHarness(): Promise<Harness> {
  const files = await bundle();
  const server = await serve(files);
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"],
  });
  return {
    open: (options) => openPanel(browser, `http://127.0.0.1:${port}/`, options),
    scriptBytes: files.get("/main.js")!.body.length,
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** Switches the theme of an open page, as the editor does. */
export async function setTheme(page: Page, theme: ThemeName): Promise<void> {
  const { bodyClass, colors } = themes[theme];
  const all = Object.fromEntries(
    Object.values(themes).flatMap((other) => Object.keys(other.colors).map((name) => [name, colors[name] ?? ""])),
  );
  await page.evaluate(`
    for (const [name, value] of Object.entries(${JSON.stringify(all)})) document.documentElement.style.setProperty("--vscode-" + name, value || "initial");
    document.body.className = ${JSON.stringify(`${bodyClass} vscode-reduce-motion`)};
  `);
}

/** Resolves when what was told has been drawn. */
export async function twoFrames(page: Page): Promise<void> {
  await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
}

async function openPanel(browser: Browser, address: string, options: PanelOptions = {}): Promise<PanelPage> {
  const { theme = "dark", width = 380, height = 720, bodyClass = "", texts, prepare, held = false } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme.includes("ight") ? "light" : "dark",
  });
  // Less than a test has, so that what is waited for in vain is told.
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  if (SLOWER > 1) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  const told: string[] = [];
  const gateway = createFakeGateway(async (messages) => {
    told.push(JSON.stringify(messages));
    const script = `for (const data of ${JSON.stringify(messages)}) dispatchEvent(new MessageEvent("message", { data }))`;
    // What is told to a page on its way out is lost, as it is in the editor.
    await page.evaluate(script).catch(() => undefined);
  });
  if (held) gateway.hold();
  prepare?.(gateway);
  await page.exposeFunction("toHost", gateway.receive);
  if (texts)
    await page.route(address + "?**", async (route) => {
      const response = await route.fetch();
      const script = `<script type="application/json" id="texts">${JSON.stringify(texts)}</script>`;
      await route.fulfill({ response, body: (await response.text()).replace('<div id="root">', `${script}$&`) });
    });
  await page.goto(`${address}?theme=${theme}&bodyClass=${encodeURIComponent(bodyClass)}`);
  if (held) await page.getByRole("textbox", { name: "Message" }).waitFor();
  else await gateway.called("session.status");
  return {
    page,
    gateway,
    told,
    t: createTexts(texts ?? { language: "en", texts: {} }).t,
    async close() {
      await context.close();
      if (problems.length > 0) throw new Error(`The page reported errors:\n${problems.join("\n")}`);
    },
  };
}

interface Asset {
  type: string;
  body: Uint8Array;
}

async function bundle(): Promise<Map<string, Asset>> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("webview-ui/main.tsx", root))],
    outdir: "/",
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
  });
  const file = (path: string) => readFile(new URL(path, root));
  return new Map<string, Asset>([
    ...result.outputFiles.map(({ path, contents }): [string, Asset] => [
      path,
      { type: path.endsWith(".css") ? "text/css" : "text/javascript", body: contents },
    ]),
    ["/codicon.css", { type: "text/css", body: await file("node_modules/@vscode/codicons/dist/codicon.css") }],
    ["/codicon.ttf", { type: "font/ttf", body: await file("node_modules/@vscode/codicons/dist/codicon.ttf") }],
    ["/", { type: "text/html", body: await file("test/webview/harness.html") }],
  ]);
}

async function serve(files: Map<string, Asset>): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://harness");
    const theme = (url.searchParams.get("theme") ?? "dark") as ThemeName;
    if (url.pathname === "/host.css") {
      const from = new URL(request.headers.referer ?? "http://harness/").searchParams;
      response.setHeader("content-type", "text/css").end(toHostStyles((from.get("theme") ?? "dark") as ThemeName));
      return;
    }
    const asset = files.get(url.pathname);
    if (!asset) {
      response.writeHead(204).end();
      return;
    }
    response.setHeader("content-type", asset.type).setHeader("content-security-policy", CSP);
    const body = Buffer.from(asset.body);
    if (url.pathname !== "/") {
      response.end(body);
      return;
    }
    const classes = `${themes[theme].bodyClass} ${url.searchParams.get("bodyClass") ?? ""}`.trim();
    response.end(body.toString().replace("<body>", `<body class="${classes}">`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function toHostStyles(theme: ThemeName): string {
  const { colors } = themes[theme];
  const variables = Object.entries(colors).map(([name, value]) => `--vscode-${name}: ${value};`);
  const fonts = [
    "--vscode-font-family: 'Liberation Sans', sans-serif;",
    "--vscode-font-size: 13px;",
    "--vscode-editor-font-family: 'DejaVu Sans Mono', monospace;",
    "--vscode-editor-font-size: 12px;",
  ];
  return `:root { ${[...variables, ...fonts].join(" ")} }
body { background: var(--vscode-sideBar-background); }
::-webkit-scrollbar { width: 10px; height: 10px; }
::-webkit-scrollbar-thumb { background: var(--vscode-scrollbarSlider-background, #79797966); }`;
}
