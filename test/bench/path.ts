import { Session } from "node:inspector/promises";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openApp } from "../../src/app.ts";
import { silentLog } from "../../src/base/log.ts";
import { startAnthropicServer } from "../fakes/anthropic/anthropicServer.ts";
import type { Figure } from "./run.ts";

const root = new URL("../../", import.meta.url);
const src = new URL("src/", root).href;
const WARM_UP = 20;

/**
 * What a reader passes who follows one message: the files and functions of src/ that run between a plain
 * POST /api/sessions/send and its response, when all is warm. Their names land in out/path.txt.
 */
export async function path(): Promise<Figure[]> {
  const model = await startAnthropicServer({ script: () => ({ text: "A short answer." }) });
  Object.assign(process.env, { ANTHROPIC_API_KEY: "sk-ant-bench", ANTHROPIC_BASE_URL: model.url });
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-bench-"));
  const workspaces = () => [fileURLToPath(root)];
  const host = { name: "bench", version: "0", workspaces, stateDir, secret: async () => undefined, log: silentLog };
  const app = await openApp({ host, port: 0, mode: "lead" });
  try {
    const { url } = app;
    const token = app.token();
    const send = async (): Promise<void> => {
      const response = await fetch(`${url}/api/sessions/send`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ message: "hi" }),
      });
      if (!response.ok) throw new Error(await response.text());
      await response.json();
    };
    for (let turn = 0; turn < WARM_UP; turn++) await send();
    const ran = await functionsRun(send);
    mkdirSync("out", { recursive: true });
    writeFileSync("out/path.txt", ran.map(({ file, names }) => `${file}\n  ${names.join(", ")}\n`).join(""));
    return [
      { name: "files of src/ that one plain send runs through", value: ran.length, unit: "files", aim: 45 },
      {
        name: "functions of src/ that one plain send runs",
        value: ran.reduce((sum, { names }) => sum + names.length, 0),
        unit: "functions",
      },
    ];
  } finally {
    await app.close();
    await model.close();
    rmSync(stateDir, { recursive: true });
  }
}

/** By file, in the order of their names. */
async function functionsRun(work: () => Promise<void>): Promise<{ file: string; names: string[] }[]> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await session.post("Profiler.takePreciseCoverage");
  await work();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  return result
    .filter(({ url }) => url.startsWith(src))
    .map(({ url, functions }) => ({
      file: url.slice(src.length),
      names: functions
        .filter(({ ranges }) => ranges[0]!.count > 0)
        .map(({ functionName }) => functionName || "(nameless)"),
    }))
    .filter(({ names }) => names.length > 0)
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
}
