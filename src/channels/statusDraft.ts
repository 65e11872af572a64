import type { Disposable } from "../base/disposable.ts";
import { describeError } from "../base/log.ts";
import { visibleLine } from "../base/text/visible.ts";
import { type ChannelParts, commit } from "./channelParts.ts";

/** Shows in a chat that a run is under way, and what it does; gone when it has ended. */
export interface StatusDraft {
  /** The run does this now. */
  doing(what: string): void;
  /** Resolves when nothing of it is left in the chat. */
  end(): Promise<void>;
}

const TYPING_MS = 4500;
const FIRST_MS = 2500;
// A group takes twenty messages and edits in a minute.
const EDIT_MS = 4000;
const MOST_LINES = 5;

export function showStatus(parts: ChannelParts, place: string): StatusDraft {
  const { agent, channel } = parts;
  const { clock } = agent;
  const lines: string[] = [];
  const timers = new Set<Disposable>();
  let isOver = false;
  let messageId: string | undefined;
  let shown = "";
  let work = Promise.resolve();
  const quietly = (step: () => Promise<unknown>): void => {
    work = work
      .then(step)
      .then(() => {})
      .catch((error: unknown) => {
        agent.log.debug("What a run does could not be shown", { error: describeError(error) });
      });
  };
  const every = (ms: number, step: () => Promise<unknown>): void => {
    const timer = clock.at(clock.now() + ms, () => {
      timers.delete(timer);
      quietly(async () => {
        if (!isOver) await step();
      });
      if (!isOver) every(step === show ? EDIT_MS : TYPING_MS, step);
    });
    timers.add(timer);
  };
  const show = async (): Promise<unknown> => {
    const text = ["⏳", ...lines.slice(-MOST_LINES)].join("\n");
    if (lines.length === 0 || text === shown) return undefined;
    shown = text;
    if (messageId !== undefined) return channel.show.edit(place, messageId, text);
    messageId = await channel.show.draft(place, text);
    if (messageId === undefined) return undefined;
    // Found and removed by the next process, should this one end here.
    return commit(parts, { note: { channel: channel.id, key: `draft:${place}` }, value: { messageId } });
  };
  // Beside the rest: nothing waits for it.
  const typing = async () => void channel.show.typing(place).catch(() => {});
  quietly(typing);
  every(TYPING_MS, typing);
  every(FIRST_MS, show);
  return {
    doing(what) {
      lines.push(visibleLine(parts.redact(what), 160));
    },
    async end() {
      isOver = true;
      for (const timer of timers) timer.dispose();
      await work;
      if (messageId === undefined) return;
      await channel.show.remove(place, messageId);
      await commit(parts, { note: { channel: channel.id, key: `draft:${place}` }, value: null });
    },
  };
}

/** Removes what an earlier process was showing. */
export async function removeDrafts(parts: ChannelParts): Promise<void> {
  const { agent, channel } = parts;
  for (const { key, value } of await agent.store.listNotes(channel.id, "draft:")) {
    await channel.show.remove(key.slice("draft:".length), String(value["messageId"]));
    await commit(parts, { note: { channel: channel.id, key }, value: null });
  }
}
