import type { Disposable } from "../../base/disposable.ts";
import { describeError } from "../../base/log.ts";
import { visibleLine } from "../../base/text/visible.ts";
import { type ChannelParts, commit } from "./channelParts.ts";

/** What runs do, shown in their chats; what is there of it is noted, and gone at the end. */
export interface StatusDrafts {
  show(place: string): StatusDraft;
  /** Removes what no run shows any more: what an earlier process showed, and what could not be removed at its end. */
  tidy(): Promise<void>;
}

/** Shows in a chat that a run is under way, and what it does. */
export interface StatusDraft {
  /** The run does this now. */
  doing(what: string): void;
  /** Resolves when nothing of it is left in the chat, or is left to `tidy`. */
  end(): Promise<void>;
}

interface Drafts extends ChannelParts {
  /** Keys of the notes of what runs show now. */
  shown: Set<string>;
}

const TYPING_MS = 4500;
const FIRST_MS = 2500;
// A group takes twenty messages and edits in a minute.
const EDIT_MS = 4000;
const MOST_LINES = 5;
const NOTE = "draft:";

export function createDrafts(parts: ChannelParts): StatusDrafts {
  const drafts: Drafts = { ...parts, shown: new Set() };
  return { show: (place) => showStatus(drafts, place), tidy: () => tidy(drafts) };
}

function showStatus(drafts: Drafts, place: string): StatusDraft {
  const { agent, channel, shown } = drafts;
  const { clock } = agent;
  const lines: string[] = [];
  const timers = new Set<Disposable>();
  let isOver = false;
  let message: { id: string; key: string; isNoted: boolean } | undefined;
  // Nobody knows whether it is there, or by what number.
  let isDoubtful = false;
  let last = "";
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
  // Found and removed by the next process, should this one end here.
  const note = async (): Promise<void> => {
    if (!message || message.isNoted) return;
    await commit(drafts, { note: { channel: channel.id, key: message.key }, value: { messageId: message.id } });
    message.isNoted = true;
  };
  const show = async (): Promise<void> => {
    const text = ["⏳", ...lines.slice(-MOST_LINES)].join("\n");
    if (lines.length > 0 && text !== last && !isDoubtful) {
      last = text;
      if (message) await channel.show.edit(place, message.id, text);
      else {
        const sent = await channel.show.draft(place, text);
        const id = sent.is === "sent" ? sent.as : undefined;
        isDoubtful = id === undefined && (sent.is === "sent" || sent.is === "doubtful");
        if (id !== undefined) message = { id, key: `${NOTE}${place} ${id}`, isNoted: false };
        if (message) shown.add(message.key);
      }
    }
    await note();
  };
  // Beside the rest: nothing waits for it.
  const typing = async () => void channel.show.typing(place).catch(() => {});
  quietly(typing);
  every(TYPING_MS, typing);
  every(FIRST_MS, show);
  return {
    doing(what) {
      lines.push(visibleLine(drafts.redact(what), 160));
    },
    async end() {
      isOver = true;
      for (const timer of timers) timer.dispose();
      quietly(note);
      await work;
      if (!message) return;
      const { key, id } = message;
      message = undefined;
      quietly(() => remove(drafts, key, id).finally(() => shown.delete(key)));
      await work;
    },
  };
}

async function tidy(drafts: Drafts): Promise<void> {
  const { agent, channel, shown, signal } = drafts;
  for (const { key, value } of await agent.store.listNotes(channel.id, NOTE))
    if (!shown.has(key) && !signal.aborted) await remove(drafts, key, String(value["messageId"]));
}

/** Its note stays where it could not be removed. */
async function remove(parts: ChannelParts, key: string, messageId: string): Promise<void> {
  const { channel } = parts;
  const [place = ""] = key.slice(NOTE.length).split(" ");
  if (await channel.show.remove(place, messageId))
    await commit(parts, { note: { channel: channel.id, key }, value: null });
}
