import { isAppError } from "../../base/appError.ts";
import type { Incoming } from "../channel.ts";
import { endWork } from "./answerRuns.ts";
import { askAgain } from "./askInChat.ts";
import { isOwnSession, renewSession, sessionOf } from "./chats.ts";
import { type ChannelParts, commit } from "./channelParts.ts";
import { words } from "./words.ts";

type Command = (parts: ChannelParts, what: Incoming, rest: string) => Promise<string>;

const COMMANDS: Record<string, Command> = {
  start: async () => words.hello,
  help: async () => words.help,
  async new(parts, what) {
    const isNew = await renewSession(parts, what);
    return isNew ? words.fresh : "This chat goes on in the session that openclaw.yml gives it.";
  },
  async stop(parts, what) {
    const { sessions } = parts.agent;
    const { own, others } = await atWork(parts, what);
    let [count, telling] = [0, 0];
    for (const key of own) {
      const { active, queued } = (await sessions.status(key)).runs;
      telling += active + queued;
      count += await sessions.abort(key);
    }
    for (const id of others) {
      const ended = await endWork(parts, id);
      count += ended.count;
      telling += ended.telling;
    }
    if (count + telling === 0) return words.nothingToStop;
    // A run says itself that it was stopped; sub-agents that went on after one say nothing.
    return telling > 0 ? "" : words.stopped;
  },
  async status(parts, what) {
    const { session, model, runs } = await parts.agent.sessions.status(await sessionOf(parts, what));
    const { costUsd, knownUsd } = session.usage;
    const known = costUsd ?? knownUsd;
    const cost = known === undefined ? "" : `, cost: ${costUsd === null ? "at least " : ""}$${known.toFixed(2)}`;
    return [
      `**${session.title ?? session.key}** is ${session.state}`,
      `Model: ${model}`,
      `Under way: ${runs.active}, waiting: ${runs.queued}`,
      `Messages: ${session.messageCount}${cost}`,
      ...(session.workspace === undefined ? [] : [`Folder: \`${session.workspace.split(/[\\/]/).at(-1)}\``]),
    ].join("\n\n");
  },
  async model({ agent, ...parts }, what, rest) {
    const key = await sessionOf({ agent, ...parts }, what);
    if (rest === "") {
      const { model } = await agent.sessions.status(key);
      const ready = (await agent.models.list()).filter((one) => one.ready).slice(0, 20);
      return [`Model: ${model}`, ...ready.map(({ id }) => `- \`${id}\``)].join("\n");
    }
    const model = await agent.models.resolve(rest);
    await agent.sessions.update(key, { model });
    return `Model: ${model}`;
  },
  async approve(parts, what) {
    return (await askAgain(parts, what)) > 0 ? "" : words.nothingWaits;
  },
  async again({ agent, channel, ...parts }, { place }) {
    const rows = await agent.store.listOutbox({ channel: channel.id, states: ["doubtful"], place, limit: 100 });
    const doubtful = rows.filter(({ body }) => body !== undefined);
    await commit(
      { agent },
      ...doubtful.flatMap(({ key, body }) => [
        { send: key, expect: "doubtful" as const, state: "failed" as const, error: "sent once more as asked" },
        {
          put: { key: `${key} again`, channel: channel.id, place, state: "waiting" as const, body: anew(body!) },
        },
      ]),
    );
    void parts;
    return doubtful.length > 0 ? "" : words.nothingInDoubt;
  },
};

/**
 * The sessions of a chat that are at something for it, its own of now first; and the runs of its messages in a session that it does not
 * have to itself, or has no more.
 */
async function atWork(parts: ChannelParts, what: Incoming): Promise<{ own: Set<string>; others: Set<string> }> {
  const { agent, channel } = parts;
  const key = await sessionOf(parts, what);
  const names = await agent.channels.names(channel.id, what.place);
  const taken = await agent.store.listInbox({ channel: channel.id, states: ["taken"], limit: 10_000 });
  const own = new Set([key]);
  const others = new Set<string>();
  for (const { place, runId } of taken) {
    const run = names.includes(place) && runId !== undefined ? await agent.store.getRun(runId) : undefined;
    if (!run || run.sessionKey === key) continue;
    if (await isOwnSession(parts, place, run.sessionKey)) own.add(run.sessionKey);
    else others.add(run.id);
  }
  return { own, others };
}

/** Without since when it is in doubt: it goes by another name. */
function anew(body: Record<string, unknown>): Record<string, unknown> {
  const { doubtSince: _, ...rest } = body;
  return rest;
}

/** What is said to a command; "" where what it does says enough, undefined for what is none. */
export async function answerCommand(parts: ChannelParts, what: Incoming, text: string): Promise<string | undefined> {
  const [name = "", ...rest] = text.slice(1).split(/\s+/);
  const command = Object.hasOwn(COMMANDS, name.toLowerCase()) ? COMMANDS[name.toLowerCase()] : undefined;
  if (!command) return undefined;
  try {
    return await command(parts, what, rest.join(" ").trim());
  } catch (error) {
    if (!isAppError(error) || error.code === "unavailable") throw error;
    return error.message;
  }
}
