import { randomBytes } from "node:crypto";
import { isAppError } from "../../base/appError.ts";
import { cutMiddle } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { describeError } from "../../base/log.ts";
import { visible } from "../../base/text/visible.ts";
import type { Approval } from "../../protocol/approval.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { Incoming, Part, Press } from "../channel.ts";
import { type ChannelParts, commit, noteOf } from "./channelParts.ts";
import { sessionOf } from "./chats.ts";
import { isHeard } from "./isHeard.ts";
import { toBody } from "./partRow.ts";
import { words } from "./words.ts";

/** What a button stands for, kept until its question is answered. */
interface AskNote {
  approvalId: string;
  /** Digest of exactly what was shown. */
  hash: string;
  /** The row that shows it. */
  row: string;
  place: string;
  /** Who alone may press, where one person's message led to it. */
  person?: string;
  /** What stays to be read there. */
  title: string;
  /** How it ended, where that was while it was on its way, or cannot be told there for now. */
  end?: string;
}

// Less than the last of them is no question that anybody could answer.
const SHOWN_LENGTHS = [2800, 2000, 1500, 1200, 900, 600, 400];
const MOST_ABOVE = 40;

/** Shows a question in the chats that are to see it; nothing where none is, or where it is shown already. */
export async function askInChats(parts: ChannelParts, approval: Approval): Promise<void> {
  for (const { place, person } of await placesFor(parts, approval))
    await commit(parts, ...(await rowsFor(parts, approval, { place, ...defined({ person }) }, "")));
}

/** Shows once more what waits in a chat's session, or was led to by its messages, and is this person's to answer. Resolves with how many there are. */
export async function askAgain(parts: ChannelParts, { person: { id }, ...what }: Incoming): Promise<number> {
  const { agent, channel } = parts;
  let count = 0;
  const key = await sessionOf(parts, what);
  const names = await agent.channels.names(channel.id, what.place);
  for (const approval of await agent.approvals.list()) {
    const isHere = (place: string) => approval.sessionKey === key || names.includes(place);
    const places = await placesFor(parts, approval);
    const theirs = places.find(({ place, person = place }) => person === id && isHere(place));
    if (!theirs) continue;
    const { person } = theirs;
    const at = { place: what.place, ...defined({ person }) };
    await commit(parts, ...(await rowsFor(parts, approval, at, ` again ${what.messageId}`)));
    count++;
  }
  return count;
}

/** A button was pressed: by somebody who may, about what was shown, and once. */
export async function answerPress(parts: ChannelParts, press: Press): Promise<void> {
  const { agent, channel } = parts;
  await channel.show.pressed(press.pressId, await outcomeOf(parts, press)).catch((error: unknown) => {
    agent.log.warn("Who pressed a button could not be told", { error: describeError(error) });
  });
}

async function outcomeOf(parts: ChannelParts, press: Press): Promise<string> {
  const { agent, channel } = parts;
  const { data, person, place, isPrivate } = press;
  const may = await agent.channels.admits(channel.id, person.id);
  if (may === undefined || (may === "pairing" && !isPrivate)) return words.notYours;
  const [, decision, nonce] = /^([yn]):([\w-]{22})$/.exec(data) ?? [];
  const note = nonce === undefined ? undefined : ((await noteOf(parts, `ask:${nonce}`)) as AskNote | undefined);
  const shownAt = note && ((await agent.store.getOutbox(note.row))?.place ?? note.place);
  const here = await agent.channels.names(channel.id, place.split(":")[0]!);
  if (!note || !here.includes(shownAt!.split(":")[0]!)) return words.over;
  if (note.person === undefined ? may !== "allow" : note.person !== person.id) return words.notYours;
  const waits = (await agent.approvals.list()).find(({ id }) => id === note.approvalId);
  if (!waits || waits.hash !== note.hash) return words.over;
  try {
    await agent.approvals.answer(note.approvalId, decision === "y" ? "allow" : "deny", `${channel.id}:${person.id}`);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return error.code === "not_found" ? words.over : error.message;
  }
  return decision === "y" ? words.allowed : words.denied;
}

/** The buttons of a question that waits no more are taken away, whoever answered it. */
export async function closeAsk(parts: ChannelParts, approvalId: string, end: string): Promise<void> {
  const { agent, channel } = parts;
  for (const { key, value } of await agent.store.listNotes(channel.id, "ask:")) {
    const { row, title, approvalId: of } = value as unknown as AskNote;
    if (of !== approvalId) continue;
    const sent = await agent.store.getOutbox(row);
    if (sent?.state === "waiting")
      await commit(parts, {
        send: row,
        expect: "waiting",
        state: "failed",
        error: "it was answered before it was sent",
      });
    if (sent?.state === "sending") {
      // Its buttons go when it has arrived.
      await commit(parts, { note: { channel: channel.id, key }, value: { ...value, end } });
      continue;
    }
    const isTold =
      sent?.sentAs === undefined || (await channel.show.edit(sent.place, sent.sentAs, `${title}\n\n${end}`));
    if (isTold) await commit(parts, { note: { channel: channel.id, key }, value: null });
    else if (value["end"] !== end)
      await commit(parts, { note: { channel: channel.id, key }, value: { ...value, end } });
  }
}

/** A question has arrived in its chat; it may be over by now. */
export async function closeIfOver(parts: ChannelParts, row: string): Promise<void> {
  const { agent, channel } = parts;
  const notes = await agent.store.listNotes(channel.id, "ask:");
  const note = notes.map(({ value }) => value as unknown as AskNote).find((one) => one.row === row);
  if (!note || (await agent.approvals.list()).some(({ id }) => id === note.approvalId)) return;
  await closeAsk(parts, note.approvalId, note.end ?? words.over);
}

/** What was answered while its chat could not be written to is closed. */
export async function closeLeft(parts: ChannelParts): Promise<void> {
  const { agent, channel, signal } = parts;
  for (const { value } of await agent.store.listNotes(channel.id, "ask:")) {
    const { approvalId, end } = value as unknown as AskNote;
    if (end !== undefined && !signal.aborted) await closeAsk(parts, approvalId, end);
  }
}

/** What was answered while nobody looked is closed, and what waits is shown. */
export async function settleAsks(parts: ChannelParts): Promise<void> {
  const { agent, channel } = parts;
  const waiting = await agent.approvals.list();
  for (const { value } of await agent.store.listNotes(channel.id, "ask:")) {
    const { approvalId, end = words.over } = value as unknown as AskNote;
    if (!waiting.some(({ id }) => id === approvalId)) await closeAsk(parts, approvalId, end);
  }
  for (const approval of waiting) await askInChats(parts, approval);
}

/** The chat whose message led to it; or, where all questions are to come, those of the people in openclaw.yml. */
async function placesFor(parts: ChannelParts, { runId }: Approval): Promise<{ place: string; person?: string }[]> {
  const { agent, channel } = parts;
  const taken = await agent.store.listInbox({ channel: channel.id, states: ["taken"], limit: 10_000 });
  let run: RunRecord | undefined = await runOf(parts, runId);
  for (let above = 0; run && above < MOST_ABOVE; above++) {
    const id = run.id;
    const row = taken.find((one) => one.runId === id);
    const what = row?.body as Incoming | undefined;
    if (row && what) return (await isHeard(parts, what)) ? [{ place: row.place, person: what.person.id }] : [];
    const parent: string | undefined = run.continues ?? (run.origin.via === "subagent" ? run.origin.id : undefined);
    run = parent === undefined ? undefined : await runOf(parts, parent);
  }
  const { asks, allow } = parts.settings();
  return asks === "all" ? allow.filter((id) => !id.startsWith("-")).map((place) => ({ place })) : [];
}

/** Undefined for one that is gone with its session. */
async function runOf({ agent }: ChannelParts, id: string): Promise<RunRecord | undefined> {
  return agent.runs.get(id).catch((error: unknown) => {
    if (isAppError(error) && error.code === "not_found") return undefined;
    throw error;
  });
}

async function rowsFor(
  parts: ChannelParts,
  approval: Approval,
  { place, person }: { place: string; person?: string },
  again: string,
): Promise<ChannelChange[]> {
  const { channel, agent } = parts;
  const row = `ask ${approval.id} ${place}${again}`;
  if (await agent.store.getOutbox(row)) return [];
  const nonce = randomBytes(16).toString("base64url");
  const { title, shown, whole } = textsOf(approval, parts);
  const note: AskNote = { approvalId: approval.id, hash: approval.hash, row, place, title, ...defined({ person }) };
  const put = (key: string, part: Part): ChannelChange => ({
    put: { key, channel: channel.id, place, state: "waiting", body: toBody(part) },
  });
  const file: Part = {
    kind: "file",
    name: "all-of-it.txt",
    mediaType: "text/plain",
    data: Buffer.from(whole),
  };
  const [yes] = approval.offers.filter(({ decision }) => decision === "allow");
  const buttons = [
    [...(yes ? [{ label: "Allow once", data: `y:${nonce}` }] : []), { label: "Deny", data: `n:${nonce}` }],
  ];
  return [
    { note: { channel: channel.id, key: `ask:${nonce}` }, value: { ...note } },
    // What is not shown whole is there whole, before anybody can answer.
    ...(shown === whole ? [] : [put(`${row} file`, file)]),
    put(row, { kind: "text", text: `${title}\n\n${shown}`, buttons }),
  ];
}

/** Exactly what is asked, but for secrets: hidden characters are shown, and nothing of it is read as markup. */
function textsOf(
  { summary, reason, subject, expiresAt }: Approval,
  { channel, redact }: Pick<ChannelParts, "channel" | "redact">,
) {
  const whole = redact(
    subject.type === "command"
      ? `${visible(subject.command)}\n\nin ${visible(subject.cwd)}`
      : subject.type === "edit"
        ? `${visible(subject.path)}\n\n--- before\n${visible(subject.before)}\n\n+++ after\n${visible(subject.after)}`
        : visible(subject.text),
  );
  const until = expiresAt.slice(11, 16);
  const titleOf = (most: number) =>
    `❓ ${cutMiddle(redact(summary), most)}\n${cutMiddle(redact(reason), Math.min(most, 200))}, until ${until} UTC`;
  const title = titleOf(400);
  if (channel.fits(title, whole)) return { title, shown: whole, whole };
  const cuts = SHOWN_LENGTHS.map((most) => `${cutMiddle(whole, most)}\n(all of it is in the file above)`);
  const shown = cuts.find((cut) => channel.fits(title, cut));
  return shown === undefined ? { title: titleOf(150), shown: cuts.at(-1)!, whole } : { title, shown, whole };
}
