import { fileURLToPath } from "node:url";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { firstUrl } from "./gatewayProcess.ts";

/** limitServer.ts, which asks the model at `baseURL`. */
export async function startLimit(
  baseURL: string,
): Promise<{ url: string; send(): Promise<void>; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("limitServer.ts", import.meta.url))], {
    env: { PATH: process.env["PATH"], ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: baseURL },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const gone = once(child, "close").then(([code]) => String(code));
  const url = await firstUrl(child, gone);
  return {
    url,
    async send() {
      const body = JSON.stringify({ message: "hi", sessionKey: "main" });
      const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
      await answer.json();
    },
    async stop() {
      child.stdin.end();
      await gone;
    },
  };
}
