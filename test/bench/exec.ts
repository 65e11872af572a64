import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import { emptyFolder } from "./emptyFolder.ts";
import { startGateway } from "./gatewayProcess.ts";
import type { Figure } from "./run.ts";
import { median } from "./statistics.ts";

const ROUNDS = 40;

/** What a turn takes longer for one call of exec, beyond what it takes for being two requests to the model. */
export async function exec(): Promise<Figure[]> {
  return [
    { name: "call of exec, `true` without a sandbox, median", value: await callOf("off"), unit: "ms", aim: 8 },
    { name: "call of exec, `true` in the sandbox, median", value: await callOf("auto"), unit: "ms", aim: 20 },
  ];
}

async function callOf(sandbox: "auto" | "off"): Promise<number> {
  const model = await startAnthropicServer({
    script: ({ text, toolResults }) =>
      text === "run" && toolResults.length === 0
        ? { toolCalls: [{ name: "exec", input: { command: "true" } }] }
        : { text: "Done." },
  });
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-bench-"));
  writeFileSync(join(stateDir, "openclaw.yml"), `agent: { approvals: auto, sandbox: ${sandbox} }\n`);
  const gateway = await startGateway({
    stateDir,
    workspace: emptyFolder(),
    env: { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url },
  });
  try {
    const { sessionKey } = await gateway.call("/api/sessions/create", {});
    const timed = async (message: string) => {
      const began = performance.now();
      const { status } = await gateway.call("/api/sessions/send", { message, sessionKey });
      if (status !== "ok") throw new Error(`The turn was ${String(status)}`);
      return performance.now() - began;
    };
    await timed("run");
    const beyond: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const plain = (await timed("hi")) + (await timed("hi"));
      beyond.push((await timed("run")) - plain);
    }
    return median(beyond);
  } finally {
    await gateway.stop();
    await model.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}
