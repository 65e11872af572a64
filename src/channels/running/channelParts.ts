import { isAppError } from "../../base/appError.ts";
import { sleep } from "../../base/wait.ts";
import type { ChannelAgent } from "../../core/ports/outside/channelAgent.ts";
import type { ChannelSettings } from "../../core/ports/outside/channelDesk.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { StoredOutFile, OutFile } from "../../core/ports/outside/outFile.ts";
import type { Channel } from "../channel.ts";

const AGAIN_MS = 1000;

/** What the parts that run one channel share. */
export interface ChannelParts {
  agent: ChannelAgent;
  channel: Channel;
  settings(): ChannelSettings;
  /** Takes secrets out of what goes to others. */
  redact: (text: string) => string;
  /** An image of a folder that the agent may read unasked: `forbidden`, `not_found`; undefined for what is none. Absent: none are. */
  openPicture?: ((folder: string, path: string) => Promise<OutFile | undefined>) | undefined;
  /** Aborts when the channel is run no more. */
  signal: AbortSignal;
  /** Whether this process is the one that runs it, by its own steady clock. */
  isHeld(): boolean;
}

export async function commit({ agent }: Pick<ChannelParts, "agent">, ...channels: ChannelChange[]): Promise<void> {
  if (channels.length > 0) await agent.store.commit({ channels });
}

/** Does it again and again while the store refuses it for now. Rejects with any other fault, and when the signal aborts. */
export async function whileRefused<T>(
  { agent, signal }: Pick<ChannelParts, "agent" | "signal">,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAppError(error) || error.code !== "unavailable") throw error;
      await sleep(agent.clock, AGAIN_MS, signal);
    }
  }
}

/** The row that says something in a chat, once under its key, with files behind it. */
export function saying(
  { channel, redact }: ChannelParts,
  key: string,
  place: string,
  said: string | { text: string; files: StoredOutFile[] },
): ChannelChange {
  const { text, files = [] } = typeof said === "string" ? { text: said } : said;
  const body = { text: redact(text), ...(files.length > 0 ? { files } : {}) };
  return { put: { key, channel: channel.id, place, state: "whole", body } };
}

/** The value of a note; undefined where there is none. */
export async function noteOf(
  { agent, channel }: ChannelParts,
  key: string,
): Promise<Record<string, unknown> | undefined> {
  return (await agent.store.listNotes(channel.id, key)).find((note) => note.key === key)?.value;
}
