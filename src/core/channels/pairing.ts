import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import { isoTime } from "../../base/clock.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import type { ChannelPerson } from "../../protocol/outside/channelState.ts";
import type { Keep } from "../ports/batch.ts";
import type { ChannelChange } from "../ports/outside/channelRows.ts";
import type { Store } from "../ports/store.ts";
import type { Clock } from "../../base/clock.ts";
import { CODE_MS, digestOfCode, isOver, MOST_PENDING, newCode } from "./pairingCode.ts";
import { countWrong, findCode, listCodes, waitingShape } from "./waitingCodes.ts";

const DAY_MS = 24 * 3_600_000;
// Who invents accounts by the thousand is answered no more, and takes no more room.
const MOST_TOLD = 1000;

interface Parts {
  store: Store;
  clock: Clock;
}

/** Who waits for a person's word, as it is stored. */
const pendingShape = waitingShape.extend({ name: z.string() });

type Pending = z.output<typeof pendingShape>;

/** See ChannelDesk.offer. To be called one at a time. */
export async function offerPairing(
  parts: Parts,
  channel: string,
  { id, name }: { id: string; name: string },
): Promise<{ code?: string } | undefined> {
  const { store, clock } = parts;
  const now = clock.now();
  const told = await store.listNotes(channel, "told:");
  // Also what a clock noted that was ahead.
  const over = told.filter(({ value }) => Math.abs(now - Number(value["at"])) >= DAY_MS);
  const isTold = told.some((note) => note.key === `told:${id}` && !over.includes(note));
  if (isTold || told.length - over.length >= MOST_TOLD) return undefined;
  const pending = await listPending(parts, channel);
  const code = pending.length < MOST_PENDING ? newCode() : undefined;
  const value: Pending | undefined = code === undefined ? undefined : toPending(channel, id, name, code, now);
  await store.commit({
    channels: [
      ...over.flatMap(({ key }) => forgotten(channel, key.slice("told:".length))),
      { note: { channel, key: `told:${id}` }, value: { at: now } },
      ...(value ? [{ note: { channel, key: `pending:${id}` }, value: { ...value } }] : []),
    ],
  });
  return code === undefined ? {} : { code };
}

/** See ChannelDesk.pair. To be called one at a time. */
export async function confirmPairing(
  parts: Parts,
  channel: string,
  { code: given, by }: { code: string; by: string },
  keep?: Keep<ChannelPerson>,
): Promise<ChannelPerson> {
  const { store, clock } = parts;
  const all = await listAll(parts, channel);
  const found = findCode(all, given);
  if (found && isOver(found.value, clock.now())) {
    // Whoever has it was meant to come in: another is shown when they write again.
    await store.commit({ channels: forgotten(channel, found.id) });
    throw new AppError(
      "not_found",
      `The ten minutes of the code ${quotedLine(given, 20)} are over: write to the bot once more, and it shows another`,
    );
  }
  if (!found) {
    const waiting = all.filter(({ value }) => !isOver(value, clock.now()));
    const { isVoid, changes } = countWrong(waiting, (id) => forgotten(channel, id));
    if (changes.length > 0) await store.commit({ channels: changes });
    if (isVoid)
      throw new AppError(
        "not_found",
        `No code ${quotedLine(given, 20)} waits on ${channel}. That was the fifth that is wrong, so that those which wait are void: write to the bot once more, and it shows another`,
      );
    throw new AppError(
      "not_found",
      `No code ${quotedLine(given, 20)} waits on ${channel}, or its ten minutes are over`,
    );
  }
  const { id, value, note } = found;
  const person: ChannelPerson = { id, name: value.name, by: "pairing" };
  await store.commit({
    answers: keep?.(person) ?? [],
    channels: [
      { note: { channel, key: `pending:${id}` }, value: null, expect: note.value },
      { note: { channel, key: `person:${id}` }, value: { name: value.name, at: isoTime(clock.now()), by } },
    ],
  });
  return person;
}

/** Those whose time is not over. */
export async function listPending(parts: Parts, channel: string) {
  return (await listAll(parts, channel)).filter(({ value }) => !isOver(value, parts.clock.now()));
}

function listAll({ store }: Parts, channel: string) {
  return listCodes(store, channel, "pending:", pendingShape);
}

/** As if they had never written. */
function forgotten(channel: string, person: string): ChannelChange[] {
  return ["told", "pending"].map((kind) => ({ note: { channel, key: `${kind}:${person}` }, value: null }));
}

function toPending(channel: string, id: string, name: string, code: string, now: number): Pending {
  return {
    name: visibleLine(name, 100),
    digest: digestOfCode([channel, id], code),
    expiresAt: now + CODE_MS,
    tries: 0,
  };
}
