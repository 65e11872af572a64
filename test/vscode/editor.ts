import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import { vsixPath } from "../steps/package.mjs";
import { root } from "../steps/process.mjs";
import { openBrowser, openPage } from "./browser.ts";
import { EditorWindow } from "./editorWindow.ts";
import { type Edition, installExtension, startEditorServer } from "./server.ts";

/** A real VS Code with the packaged extension installed in a fresh profile, in front of a scripted model. */
export interface Editor {
  model: ModelServer;
  /** The folder that its windows open. */
  folder: string;
  /** PINCER_HOME. */
  home: string;
  /** Opens another window: an extension host of its own, of the folder when nothing else is said. */
  open(opened?: Opened): Promise<EditorWindow>;
  /** Calls the gateway's REST API: with a body a POST, else a GET. */
  call(route: string, body?: object): Promise<unknown>;
  /** Where the gateway says that it serves, or undefined when none runs. */
  gateway(): { url: string; pid: number } | undefined;
  close(): Promise<void>;
}

/** What a window shows: a folder, the folders of a .code-workspace file, or none. */
export type Opened = { folder: string } | { workspace: string } | { ew: "true" };

export interface EditorOptions {
  /** Ask whether to trust the folder. */
  asksForTrust?: boolean;
  /** Lines for openclaw.yml, after the model's. */
  config?: string;
  /** Files of the workspace, by their path. */
  files?: Record<string, string>;
  /** Packs another extension in a folder, to be installed beside. */
  beside?: (folder: string) => Promise<string>;
  edition?: Edition;
  /** Settings of the user. */
  settings?: Record<string, unknown>;
  /** The gateway takes the port that it takes by itself, or the next. */
  takesDefaultPort?: boolean;
}

export async function startEditor(options: EditorOptions = {}): Promise<Editor> {
  const base = mkdtempSync(path.join(tmpdir(), "pincer-editor-"));
  const [profile, home, folder] = ["profile", "home", "workspace"].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  for (const made of [home, folder]) mkdirSync(made);
  for (const [name, content] of Object.entries(options.files ?? { "notes.md": "# Notes\n" })) {
    writeFileSync(path.join(folder, name), content);
  }
  const model = await startAnthropicServer();
  writeFileSync(path.join(home, "openclaw.yml"), configFor(model.url, options));
  const extensions = options.beside ? path.join(base, "extensions") : await installedOnce(options.edition);
  if (options.beside) {
    await installExtension(profile, vsixPath(), extensions);
    await installExtension(profile, await options.beside(path.join(base, "beside")), extensions);
  }
  const server = await startEditorServer({
    ...{ profile, extensions },
    asksForTrust: options.asksForTrust,
    edition: options.edition,
    settings: options.settings,
    env: { PINCER_HOME: home },
  });
  const browser = await openBrowser();
  // One for all windows, as a person has it: what the first has loaded need not be loaded again.
  const context = await browser.newContext();
  const gateway = () => {
    try {
      return JSON.parse(readFileSync(path.join(home, "gateway.json"), "utf8")) as { url: string; pid: number };
    } catch {
      return undefined;
    }
  };
  return {
    model,
    folder,
    home,
    gateway,
    async open(opened = { folder }) {
      const page = await openPage(context);
      await page.goto(server.address({ ...opened }), { waitUntil: "domcontentloaded" });
      await page.locator(".monaco-workbench .statusbar-item").first().waitFor();
      return new EditorWindow(page);
    },
    async call(route, body) {
      const token = readFileSync(path.join(home, "token"), "utf8").trim();
      const response = await fetch(`${gateway()?.url}${route}`, {
        method: body ? "POST" : "GET",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: body && JSON.stringify(body),
      });
      return response.json();
    },
    async close() {
      await browser.close();
      await server.stop();
      await model.close();
      keepLogs(profile);
      rmSync(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The packed extension in a folder of extensions that all editors share: to install it takes as long as to start an editor. */
async function installedOnce(edition: Edition = "newest"): Promise<string> {
  const folder = path.join(root, "out", "editor-extensions", edition);
  const stamp = path.join(folder, "stamp");
  const { mtimeMs, size } = statSync(vsixPath());
  const wanted = `${mtimeMs} ${size}`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return path.join(folder, "installed");
  rmSync(folder, { recursive: true, force: true });
  await installExtension(path.join(folder, "profile"), vsixPath(), path.join(folder, "installed"), edition);
  writeFileSync(stamp, wanted);
  return path.join(folder, "installed");
}

function configFor(modelUrl: string, { config: more = "", takesDefaultPort = false }: EditorOptions): string {
  return [
    "model: anthropic/claude-haiku-5-5",
    ...(takesDefaultPort ? [] : ["gateway: { port: 0 }"]),
    `providers: { anthropic: { apiKey: "test-key-of-the-fake-server", baseUrl: "${modelUrl}" } }`,
    more,
    "",
  ].join("\n");
}

/** The editor's own logs stay for whoever looks into a failure. */
function keepLogs(profile: string): void {
  const logs = path.join(profile, "user", "logs");
  if (existsSync(logs)) cpSync(logs, path.join(root, "out", "editor-logs"), { recursive: true });
}
