import * as z from "zod";
import type { ChannelChange, ChannelNote } from "../ports/outside/channelRows.ts";
import type { Store } from "../ports/store.ts";
import { digestOfCode, isSameDigest, MOST_TRIES, plainCode } from "./pairingCode.ts";

/** What every code that waits is stored with. */
export const waitingShape = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  expiresAt: z.number(),
  tries: z.number(),
});

type Waiting = z.output<typeof waitingShape>;

/** A code that was shown to somebody, as it is stored; `id` stands behind its key's prefix. */
export interface WaitingCode<Value extends Waiting = Waiting> {
  id: string;
  note: ChannelNote;
  value: Value;
}

/** Those of a channel under `prefix`, as in "code:", also where their time is over. A row that is no code is left out. */
export async function listCodes<Value extends Waiting>(
  store: Store,
  channel: string,
  prefix: string,
  shape: z.ZodType<Value>,
): Promise<WaitingCode<Value>[]> {
  const notes = await store.listNotes(channel, prefix);
  return notes.flatMap((note) => {
    const { data: value } = shape.safeParse(note.value);
    return value ? [{ id: note.key.slice(prefix.length), note, value }] : [];
  });
}

/** The one that was shown as this, however it was typed. */
export function findCode<Value extends Waiting>(
  all: WaitingCode<Value>[],
  given: string,
): WaitingCode<Value> | undefined {
  const code = plainCode(given);
  return all.find(({ id, note, value }) => isSameDigest(value.digest, digestOfCode([note.channel, id], code)));
}

/**
 * What a wrong code changes: it counts against each that waits, for which one it was meant for is not known. With the last that
 * may be wrong all are void, those too that began to wait after the first.
 */
export function countWrong(
  waiting: WaitingCode[],
  forgotten: (id: string) => ChannelChange[],
): { isVoid: boolean; changes: ChannelChange[] } {
  const isVoid = waiting.some(({ value }) => value.tries + 1 >= MOST_TRIES);
  const changes = waiting.flatMap(({ id, note, value }): ChannelChange[] => {
    if (isVoid) return forgotten(id);
    const { channel, key, value: stored } = note;
    return [{ note: { channel, key }, value: { ...stored, tries: value.tries + 1 }, expect: stored }];
  });
  return { isVoid, changes };
}
