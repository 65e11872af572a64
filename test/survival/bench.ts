import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayProcess, type GatewayProcessOptions, startGateway } from "../bench/gatewayProcess.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import type { ModelServer } from "../fakes/modelServer.ts";
import type { Script } from "../fakes/modelTurn.ts";

/** A state folder, a workspace and a fake Anthropic API that outlive the gateways started on them. */
export interface SurvivalBench {
  model: ModelServer;
  stateDir: string;
  workspace: string;
  start(more?: Pick<GatewayProcessOptions, "tellsLive">): Promise<GatewayProcess>;
  /** Kills what still runs, and removes the folders. */
  close(): Promise<void>;
}

export interface SurvivalBenchOptions {
  script?: Script;
  /** Text of openclaw.yml. */
  config?: string;
  /** For the gateways, beside what leads them to the model. */
  env?: Record<string, string>;
  /** In place of a folder that is made and removed again. */
  stateDir?: string;
}

export async function openSurvivalBench(options: SurvivalBenchOptions = {}): Promise<SurvivalBench> {
  const root = mkdtempSync(join(tmpdir(), "pincer-survival-"));
  const stateDir = options.stateDir ?? join(root, "home");
  const workspace = join(root, "workspace");
  mkdirSync(stateDir, { recursive: true });
  mkdirSync(workspace);
  if (options.config) writeFileSync(join(stateDir, "openclaw.yml"), options.config);
  const model = await startAnthropicServer(options.script ? { script: options.script } : {});
  const env = { ANTHROPIC_API_KEY: "sk-ant-survival", ANTHROPIC_BASE_URL: model.url, ...options.env };
  const started: GatewayProcess[] = [];
  return {
    model,
    stateDir,
    workspace,
    async start(more = {}) {
      const gateway = await startGateway({ stateDir, workspace, env, ...more });
      started.push(gateway);
      return gateway;
    },
    async close() {
      await Promise.all(started.map((gateway) => gateway.kill()));
      await model.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export async function newSession(gateway: GatewayProcess): Promise<string> {
  const { session } = (await gateway.call("/api/sessions/create", {})) as { session: { key: string } };
  return session.key;
}
