import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { once } from "../../src/base/oncePer.ts";
import type { PhoneFiles } from "../../src/gateway/phones/phonePage.ts";
import { createClient, type RouteShapes } from "../../src/protocol/client.ts";
import { findChromium } from "../steps/chromium.mjs";
import { type GatewayBench, type GatewayBenchOptions, openGatewayBench } from "../gateway/bench.ts";

const root = new URL("../../", import.meta.url);

/** The page for phones, built in memory as it ships. */
export const phoneFiles = once(async (): Promise<PhoneFiles> => {
  const result = await build({
    entryPoints: [
      { in: fileURLToPath(new URL("webview-ui/phone/phoneMain.tsx", root)), out: "phone" },
      { in: fileURLToPath(new URL("webview-ui/phone/phoneWorker.ts", root)), out: "phoneWorker" },
    ],
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
  const built = new Map(
    result.outputFiles.map(({ path, contents }) => [path.slice(path.lastIndexOf("/") + 1), contents]),
  );
  return {
    read: async (name) => built.get(name) ?? readFile(new URL(`media/${name}`, root)),
    texts: async (language) => {
      const path = new URL(`l10n/bundle.l10n.${language}.json`, root);
      return JSON.parse(await readFile(path, "utf8").catch(() => "{}")) as Record<string, string>;
    },
  };
});

export interface PhoneSite extends GatewayBench {
  /** Where the browser finds it. */
  origin: string;
  browser: Browser;
  /** A phone of its own, with what it reported as wrong. */
  phone(options?: BrowserContextOptions): Promise<{ page: Page; problems: string[] }>;
  /** Calls a route as an administrator does. */
  asAdmin(method: string, params: object): Promise<unknown>;
  /** A code, as an administrator has it shown. */
  code(send?: boolean): Promise<string>;
}

/** What stands at the head of the page's list, where it begins. */
export const home = (page: Page) => page.getByRole("heading", { name: "Sessions" });

/** Where phones can reach it. */
export const SERVED = { host: "0.0.0.0", tls: "selfSigned" as const, remote: true };

/** A gateway that serves the page over TLS, and a browser that trusts that one certificate, as a phone does a true one. */
export async function openPhoneSite(options: GatewayBenchOptions = {}): Promise<PhoneSite> {
  const bench = await openGatewayBench({
    ...options,
    gateway: { ...SERVED, phoneFiles: await phoneFiles(), ...options.gateway },
  });
  const { publicKey } = new X509Certificate(bench.gateway.certificate!);
  const spki = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: [
      `--ignore-certificate-errors-spki-list=${spki}`,
      ...["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"],
    ],
  });
  onTestFinished(() => browser.close());
  const asAdmin = async (method: string, params: object): Promise<unknown> => {
    const client = createClient<RouteShapes>(bench.gateway.connect({ via: "cli" }));
    return client.call(method, params).finally(() => client.close());
  };
  return {
    ...bench,
    browser,
    origin: `https://localhost:${bench.gateway.port}`,
    async phone(given = {}) {
      const context = await browser.newContext({
        viewport: { width: 360, height: 740 },
        hasTouch: true,
        isMobile: true,
        locale: "en-US",
        ...given,
      });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      return { page, problems };
    },
    asAdmin,
    code: async (send = false) => ((await asAdmin("phones.pair", { send })) as { code: string }).code,
  };
}
