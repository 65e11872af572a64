import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import {
  CODE_MS,
  digestOfCode,
  isOver,
  isSameDigest,
  MOST_PENDING,
  MOST_TRIES,
  newCode,
  plainCode,
} from "../../core/channels/pairingCode.ts";
import type { ChannelChange, ChannelNote } from "../../core/ports/outside/channelRows.ts";
import type { Store } from "../../core/ports/store.ts";
import type { PhoneScope } from "../../protocol/outside/phone.ts";
import { PHONES } from "./phoneNotes.ts";

interface Parts {
  store: Store;
  clock: Clock;
}

/** A code that waits for its phone, as it is stored. */
interface PendingCode {
  digest: string;
  scopes: PhoneScope[];
  expiresAt: number;
  tries: number;
  by: string;
}

interface KeptCode {
  id: string;
  note: ChannelNote;
  value: PendingCode;
}

/** A code, and what is to be stored so that it is one. `conflict` when too many wait. */
export function toNewCode(
  pending: KeptCode[],
  { scopes, by }: Pick<PendingCode, "scopes" | "by">,
  now: number,
): { code: string; expiresAt: number; changes: ChannelChange[] } {
  if (pending.length >= MOST_PENDING)
    throw new AppError("conflict", `${MOST_PENDING} codes wait for their phones: use one, or remove one`);
  const [id, code, expiresAt] = [newId("code"), newCode(), now + CODE_MS];
  const value: PendingCode = { digest: digestOfCode([PHONES, id], code), scopes, by, expiresAt, tries: 0 };
  return { code, expiresAt, changes: [{ note: { channel: PHONES, key: `code:${id}` }, value: { ...value } }] };
}

/**
 * What a code gives, and the change that spends it: refused where it is spent already. `not_found` for one that is wrong, was
 * used or is over, in the same words; each counts against all that wait. To be called one at a time.
 */
export async function takeCode(parts: Parts, given: string): Promise<{ value: PendingCode; spent: ChannelChange }> {
  const pending = await listCodes(parts);
  const code = plainCode(given);
  const found = pending.find(({ id, value }) => isSameDigest(value.digest, digestOfCode([PHONES, id], code)));
  if (found) return { value: found.value, spent: { ...forgottenCode(found.id), expect: found.note.value } };
  await countTry(parts, pending);
  throw new AppError(
    "not_found",
    "No phone comes in by this code: it is wrong, was used, or its ten minutes are over. Have another one shown",
  );
}

/** Those that wait. What is over is forgotten. */
export async function listCodes({ store, clock }: Parts): Promise<KeptCode[]> {
  const notes = await store.listNotes(PHONES, "code:");
  const all = notes.map((note): KeptCode => {
    return { id: note.key.slice("code:".length), note, value: note.value as unknown as PendingCode };
  });
  const over = all.filter(({ value }) => isOver(value, clock.now()));
  if (over.length > 0) await store.commit({ channels: over.map(({ id }) => forgottenCode(id)) });
  return all.filter((one) => !over.includes(one));
}

export function forgottenCode(id: string): Extract<ChannelChange, { note: unknown }> {
  return { note: { channel: PHONES, key: `code:${id}` }, value: null };
}

/** Which one a wrong code was meant for is not known. */
async function countTry({ store }: Parts, pending: KeptCode[]): Promise<void> {
  if (pending.length === 0) return;
  await store.commit({
    channels: pending.map(({ id, note, value }): ChannelChange => {
      const tries = value.tries + 1;
      if (tries >= MOST_TRIES) return forgottenCode(id);
      return { note: { channel: PHONES, key: note.key }, value: { ...value, tries }, expect: note.value };
    }),
  });
}
