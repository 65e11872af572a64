import * as z from "zod";
import { AppError } from "../../base/appError.ts";
import type { Clock } from "../../base/clock.ts";
import { newId } from "../../base/id.ts";
import { CODE_MS, digestOfCode, isOver, MOST_PENDING, newCode } from "../../core/channels/pairingCode.ts";
import { countWrong, findCode, listCodes, type WaitingCode, waitingShape } from "../../core/channels/waitingCodes.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { Store } from "../../core/ports/store.ts";
import { phoneScopeShape } from "../../protocol/outside/phone.ts";
import { PHONES } from "./phoneNotes.ts";

interface Parts {
  store: Store;
  clock: Clock;
}

/** A code that waits for its phone, as it is stored. */
const phoneCodeShape = waitingShape.extend({ scopes: z.array(phoneScopeShape), by: z.string() });

type PhoneCode = z.output<typeof phoneCodeShape>;

/** A code, and what is to be stored so that it is one. `conflict` when too many wait. */
export function toNewCode(
  pending: WaitingCode[],
  { scopes, by }: Pick<PhoneCode, "scopes" | "by">,
  now: number,
): { code: string; expiresAt: number; changes: ChannelChange[] } {
  if (pending.length >= MOST_PENDING)
    throw new AppError("conflict", `${MOST_PENDING} codes wait for their phones: use one, or remove one`);
  const [id, code, expiresAt] = [newId("code"), newCode(), now + CODE_MS];
  const value: PhoneCode = { digest: digestOfCode([PHONES, id], code), scopes, by, expiresAt, tries: 0 };
  return { code, expiresAt, changes: [{ note: { channel: PHONES, key: `code:${id}` }, value: { ...value } }] };
}

/**
 * What a code gives, and the change that spends it: refused where it is spent already. `not_found` for one that is wrong, was
 * used or is over, in the same words; each counts against all that wait. To be called one at a time.
 */
export async function takeCode(parts: Parts, given: string): Promise<{ value: PhoneCode; spent: ChannelChange }> {
  const pending = await listPhoneCodes(parts);
  const found = findCode(pending, given);
  if (found) return { value: found.value, spent: { ...forgottenCode(found.id), expect: found.note.value } };
  const { changes } = countWrong(pending, (id) => [forgottenCode(id)]);
  if (changes.length > 0) await parts.store.commit({ channels: changes });
  throw new AppError(
    "not_found",
    "No phone comes in by this code: it is wrong, was used, or its ten minutes are over. Have another one shown",
  );
}

/** Those that wait. What is over is forgotten. */
export async function listPhoneCodes({ store, clock }: Parts): Promise<WaitingCode<PhoneCode>[]> {
  const all = await listCodes(store, PHONES, "code:", phoneCodeShape);
  const over = all.filter(({ value }) => isOver(value, clock.now()));
  if (over.length > 0) await store.commit({ channels: over.map(({ id }) => forgottenCode(id)) });
  return all.filter((one) => !over.includes(one));
}

export function forgottenCode(id: string): Extract<ChannelChange, { note: unknown }> {
  return { note: { channel: PHONES, key: `code:${id}` }, value: null };
}
