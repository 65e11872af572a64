import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { setUpDiscord } from "../../../src/vscode/choices/setUpDiscord.ts";
import { DISCORD_BOT, startDiscordServer } from "../../fakes/discord/discordServer.ts";
import { createEdgeGateway, createEdgeWindow } from "../editor/edge.ts";
import { openScreen, screen } from "../editor/vscode.ts";

// What of the agent's bundle is used here: all of it would take longer to load than the tests run.
vi.mock("../../../src/app.ts", async () => ({
  ...(await import("../../../src/config/write/addChannel.ts")),
  ...(await import("../../../src/config/secrets.ts")),
}));

const TOKEN = /^Token of the Discord bot/;

test("a token of Discord is tried with its REST API and kept; then it leads to the invitation and the code", async () => {
  const discord = await startDiscordServer();
  onTestFinished(() => discord.close());
  const stateDir = mkdtempSync(join(tmpdir(), "pincer-set-up-"));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const path = join(stateDir, "openclaw.yml");
  const gateway = createEdgeGateway(
    {
      "config.get": { config: { channels: { discord: { apiRoot: discord.url } } } },
      "channels.list": { channels: [{ id: "discord", state: "connected", error: null }] },
      "channels.restart": {},
    },
    { state: "running", role: "leader", url: "http://127.0.0.1:1" },
  );
  const vault = new Map<string, string>();
  const keep = {
    get: async (name: string) => vault.get(name),
    set: async (name: string, value: string) => void vault.set(name, value),
    delete: async (name: string) => void vault.delete(name),
  };
  const host = { stateDir, workspaces: () => [], secret: async () => undefined, vault: keep };
  Object.assign(gateway.app, { configPath: path });
  const { window } = createEdgeWindow(gateway, { host });
  openScreen([[TOKEN, "MTIz.wrong_token.abcdefghijk"]]);
  await setUpDiscord(window);
  expect(screen.asked.at(-1)!.text).toBe("Discord refused the token (HTTP 401). Nothing was stored.");
  expect(vault.size).toBe(0);
  openScreen([
    [TOKEN, discord.token],
    [/^Discord is set up/, "Enter the code"],
  ]);
  await setUpDiscord(window);
  expect([...vault]).toEqual([["discord.token", discord.token]]);
  expect(readFileSync(path, "utf8")).toBe("channels:\n  discord: {}\n");
  expect(screen.asked.at(-1)!.text).toContain(`Write to @${DISCORD_BOT.username} there`);
  await expect.poll(() => screen.commands.at(-1)).toEqual(["pincer.acceptPairing", { channel: "discord" }]);
});
