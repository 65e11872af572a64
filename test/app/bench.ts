import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type App, type AppOptions, openApp } from "../../src/app.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Host } from "../../src/core/ports/host.ts";

/** A state folder, a workspace, and hosts over them; all gone when the test is. */
export interface AppBench {
  stateDir: string;
  workspace: string;
  host(more?: Partial<Host>): Host;
  open(options?: Partial<AppOptions>): Promise<App>;
  configure(text: string): void;
  /** Of an app that the test has closed itself. */
  forget(app: App): void;
}

/** An openclaw.yml whose one model is that of a server which speaks as OpenAI's chat API does. */
export const localModel = ({ url }: { url: string }) =>
  `model: local/qwen3\nproviders: { local: { api: openai-chat, baseUrl: "${url}/v1", models: [qwen3] } }\n`;

export function createAppBench(): AppBench {
  const folder = mkdtempSync(join(tmpdir(), "pincer-app-"));
  const workspace = mkdtempSync(join(tmpdir(), "pincer-work-"));
  const open: App[] = [];
  onTestFinished(async () => {
    await Promise.all(open.map((app) => app.close()));
    for (const made of [folder, workspace]) rmSync(made, { recursive: true, force: true });
  });
  const host = (more: Partial<Host> = {}): Host => ({
    name: "test",
    version: "0.0.0",
    workspaces: () => [workspace],
    stateDir: folder,
    secret: async () => undefined,
    log: silentLog,
    ...more,
  });
  return {
    stateDir: folder,
    workspace,
    host,
    async open(options = {}) {
      const app = await openApp({ host: host(), port: 0, mode: "attach-or-lead", ...options });
      open.push(app);
      return app;
    },
    forget: (app) => void open.splice(open.indexOf(app), 1),
    configure: (text) => writeFileSync(join(folder, "openclaw.yml"), text),
  };
}

export async function call(
  app: App,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(app.url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${app.token()}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
