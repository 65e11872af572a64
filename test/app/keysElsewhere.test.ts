import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createRouteClient } from "../../src/client/routeClient.ts";
import { createAppBench } from "./bench.ts";

test("where another editor keeps the key, a run in this one says which does, and what to do", async () => {
  for (const name of ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"]) vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = mkdtempSync(join(tmpdir(), "pincer-fork-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bench = createAppBench();
  let stored: string | undefined = "sk-stable";
  const stable = await bench.open({
    host: bench.host({
      name: "Visual Studio Code",
      secret: async (name) => (name === "openai.apiKey" ? stored : undefined),
    }),
  });
  const fork = bench.host({ name: "Cursor", workspaces: () => [folder] });
  const window = await bench.open({ mode: "join", host: fork });
  const ask = async (model: string): Promise<string> => {
    try {
      const client = createRouteClient(await window.connect("panel"));
      const { session } = await client.call("sessions.create", { workspace: folder, model });
      const { reply } = await client.call("sessions.send", { sessionKey: session.key, message: "hello" });
      return String(reply);
    } catch (error) {
      return (error as Error).message;
    }
  };
  await expect
    .poll(() => ask("openai/gpt-5.2"))
    .toContain(
      "No API key is set for OpenAI here. Visual Studio Code has one, but each editor keeps its keys to itself, and this runs in another: set it here, too. Run",
    );
  // Of what nobody has, and of what is gone, nothing is said.
  expect(await ask("anthropic/claude-sonnet-5-5")).toContain("No API key is set for Anthropic. Run");
  stored = undefined;
  await stable.close();
  bench.forget(stable);
  await expect.poll(() => ask("openai/gpt-5.2")).toContain("No API key is set for OpenAI. Run");
});
