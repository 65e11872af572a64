import { onTestFinished } from "vitest";
import { openDiscord } from "../../../src/channels/discord/discord.ts";
import { runChannel } from "../../../src/channels/running/runChannel.ts";
import type { ChannelSettings } from "../../../src/core/ports/outside/channelDesk.ts";
import { type Bench, type BenchOptions, openBench } from "../../core/bench.ts";
import {
  DISCORD_BOT,
  type DiscordSay,
  type DiscordServer,
  startDiscordServer,
} from "../../fakes/discord/discordServer.ts";

export const ANNA = "1110000000000001";
export const BORIS = "2220000000000002";
export const STRANGER = "6660000000000006";
/** A server's channel, and a thread in it. */
export const ROOM = "7890000000000007";
export const THREAD = "7890000000000008";
export const ME = `<@${DISCORD_BOT.id}>`;
/** In a server's channel, and naming the bot. */
export const inRoom: DiscordSay = { channel: ROOM, mentions: [DISCORD_BOT.id] };
export const inThread: DiscordSay = { channel: THREAD, mentions: [DISCORD_BOT.id] };

export interface DiscordBench {
  bench: Bench;
  discord: DiscordServer;
  settings: ChannelSettings;
  /** Its first session is there, and what was written before it was asked for: a channel is known by that too. */
  listening(): Promise<void>;
  /** How the channel is, as `pincer channels` says it. */
  state(): Promise<{ state: string; error: string | null; account: string | null }>;
  /** Ends the channel as a process that closes does. */
  close(): Promise<void>;
  /** Runs it (again), over the same core. */
  run(token?: string): void;
}

/** A whole core that answers as a bot of Discord, whose far end is a server of this test. */
export async function openDiscordChat({
  settings: given,
  discord: server,
  token,
  waitMs = 2000,
  ...options
}: Omit<BenchOptions, "settings" | "channels"> & {
  settings?: Partial<ChannelSettings>;
  discord?: DiscordServer;
  token?: string;
  waitMs?: number;
} = {}): Promise<DiscordBench> {
  const discord = server ?? (await startDiscordServer());
  discord.channels.set(ROOM, { id: ROOM, type: 0, name: "general" });
  discord.channels.set(THREAD, { id: THREAD, type: 11, name: "plans", parent_id: ROOM });
  const settings: ChannelSettings = {
    ...{ id: "discord", maxFileBytes: 10_000_000, allow: [ANNA, BORIS], session: "chat", asks: "own", chats: {} },
    ...given,
  };
  const bench = await openBench({ ...options, channels: () => [settings] });
  let running: { close(): Promise<void> } | undefined;
  const run = (other = token ?? discord.token) => {
    const channel = openDiscord({ token: other, apiRoot: discord.url, waitMs, pauseMs: [1, 2] });
    const redact = options.redact ?? ((text: string) => text);
    running = runChannel({ agent: bench.core, channel, owner: "test", redact });
  };
  run();
  // Before the core is closed, which was opened earlier.
  onTestFinished(async () => {
    await running?.close();
    if (!server) await discord.close();
  });
  return {
    ...{ bench, discord, settings, run },
    listening: () =>
      discord.untilSo(
        () => discord.gateway.count() === 1 && discord.calls.some(({ path }) => path.endsWith("/threads/active")),
      ),
    async state() {
      const [one] = await bench.core.channels.list();
      return one!;
    },
    async close() {
      await running?.close();
      running = undefined;
    },
  };
}
