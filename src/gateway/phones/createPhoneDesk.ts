import { createHash, randomBytes } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { type Clock, isoTime } from "../../base/clock.ts";
import { defined } from "../../base/defined.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import { Lanes } from "../../base/turns/lanes.ts";
import type { ChannelChange } from "../../core/ports/outside/channelRows.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Phone, PhoneScope } from "../../protocol/outside/phone.ts";
import type { PhoneToken, Tokens } from "../auth/tokens.ts";
import type { PhoneDesk, PushTarget } from "../calls/phoneDesk.ts";
import { checkPushKeys } from "./push/encryptPush.ts";
import type { PushKeys } from "./push/pushKeys.ts";
import { forgottenCode, listPhoneCodes, takeCode, toNewCode } from "./phoneCodes.ts";
import { PHONES } from "./phoneNotes.ts";

export interface PhoneDeskOptions {
  store: Store;
  clock: Clock;
  tokens: Pick<Tokens, "setPhones">;
  isOn: () => boolean;
  /** Where phones may reach the page, the likeliest first. */
  urls: () => string[];
  /** Whether nobody else has signed the certificate that phones are shown. */
  selfSigned: () => boolean;
  /** What vendors of browsers know the gateway by. */
  keys: () => Promise<PushKeys>;
  /** Rejects for an address that nothing is to be sent to. */
  checkEndpoint: (url: string) => Promise<void>;
  /** Told when a phone came in or was removed, or codes are void. */
  onChanged: () => void;
}

/** A phone as it is stored: of its token the digest. */
export type KeptPhone = Omit<Phone, "id" | "push"> & { digest: string; push?: PushTarget };

export interface RunningPhoneDesk extends PhoneDesk {
  /** Puts the tokens of the phones in force, or out of it. To be called at the start, and when the page is switched on or off. */
  refresh(): Promise<void>;
  /** The phones that are told of what waits. */
  targets(): Promise<{ id: string; push: PushTarget }[]>;
  /** From now on the phone is told there; null: nowhere. With `expect` only where that is what it was. */
  setPush(id: string, push: PushTarget | null, expect?: PushTarget): Promise<void>;
  /** Why its vendor did not take what it was told last; null: it did. Only while it is told there. */
  setFault(id: string, fault: string | null, expect: PushTarget): Promise<void>;
}

const MOST_PHONES = 20;

interface Parts extends PhoneDeskOptions {
  lanes: Lanes;
}

export function createPhoneDesk(options: PhoneDeskOptions): RunningPhoneDesk {
  const parts: Parts = { ...options, lanes: new Lanes() };
  const { isOn } = options;
  // Checked and changed in one step.
  const alone = <T>(work: () => Promise<T>): Promise<T> => parts.lanes.run(PHONES, work);
  return {
    isOn,
    offer: (wanted) => alone(() => offer(parts, wanted)),
    enter: (code, name) => alone(() => enter(parts, code, name)),
    async list() {
      const codes = await listPhoneCodes(parts);
      const pending = codes.map(({ id, value: { scopes, expiresAt, by } }) => ({
        id,
        scopes,
        expiresAt: isoTime(expiresAt),
        by,
      }));
      const paired = await listPhones(parts);
      const signedBy = await signerOf(parts, paired);
      return { phones: paired.map((phone) => toPhone(phone, signedBy)), pending };
    },
    async get(id) {
      const phone = await phoneOf(parts, id);
      return toPhone(phone, await signerOf(parts, [phone]));
    },
    pushKey: () => keyOf(parts),
    async subscribe(id, push) {
      if (push) checkPushKeys(push.keys);
      if (push) await options.checkEndpoint(push.endpoint);
      const signedBy = push && (await keyOf(parts));
      await alone(() => setPush(parts, id, push && { ...push, ...(signedBy ? { signedBy } : {}) }));
    },
    remove: (id) => alone(() => remove(parts, id)),
    refresh: () => alone(() => refresh(parts)),
    async targets() {
      const all = isOn() ? await listPhones(parts) : [];
      const signedBy = await signerOf(parts, all);
      return all.flatMap(({ id, value: { push } }) => (isTold(push, signedBy) ? [{ id, push }] : []));
    },
    setPush: (id, push, expect) => alone(() => setPush(parts, id, push, expect)),
    setFault: (id, fault, expect) => alone(() => setFault(parts, id, fault, expect)),
  };
}

async function offer(parts: Parts, { send, by }: { send: boolean; by: string }) {
  if (!parts.isOn())
    throw new AppError("unavailable", "No page for phones is served: set gateway.remote: on (docs/phone.md)");
  const pending = await listPhoneCodes(parts);
  // Each code that waits has its place.
  if ((await listPhones(parts)).length + pending.length >= MOST_PHONES)
    throw new AppError("conflict", `${MOST_PHONES} phones are paired, or have a code that waits: remove one first`);
  const scopes: PhoneScope[] = ["read", "approvals", ...(send ? (["send"] as const) : [])];
  const { code, expiresAt, changes } = toNewCode(pending, { scopes, by }, parts.clock.now());
  await parts.store.commit({ channels: changes });
  return { code, expiresAt: isoTime(expiresAt), scopes, urls: parts.urls(), selfSigned: parts.selfSigned() };
}

async function enter(parts: Parts, code: string, name: string) {
  const before = await listPhoneCodes(parts);
  const taken = await takeCode(parts, code).catch(async (error: unknown) => {
    if ((await listPhoneCodes(parts)).length < before.length) parts.onChanged();
    throw error;
  });
  const token = randomBytes(32).toString("base64url");
  const shown = visibleLine(name, 40).trim() || "Phone";
  const id = `${shown.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "phone"}-${randomBytes(4).toString("hex")}`;
  const { scopes, by } = taken.value;
  const value: KeptPhone = { name: shown, scopes, by, pairedAt: isoTime(parts.clock.now()), digest: digestOf(token) };
  // The code goes with what it gave: of two that come with it one is refused.
  await parts.store.commit({ channels: [taken.spent, put(id, value)] });
  await refresh(parts);
  parts.onChanged();
  return { phone: toPhone({ id, value }, null), token };
}

async function remove(parts: Parts, id: string): Promise<void> {
  const { store } = parts;
  const isThere = (await listPhones(parts)).some((phone) => phone.id === id);
  const isPending = (await listPhoneCodes(parts)).some((code) => code.id === id);
  if (!isThere && !isPending)
    throw new AppError("not_found", `No phone ${quotedLine(id)} is paired, nor does a code of it wait`);
  await store.commit({ channels: isThere ? [put(id, null)] : [forgottenCode(id)] });
  await refresh(parts);
  parts.onChanged();
}

async function refresh(parts: Parts): Promise<void> {
  const all = await listPhones(parts);
  const paired = all.map(({ id, value: { digest, scopes } }): PhoneToken => ({ id, digest, scopes }));
  parts.tokens.setPhones(paired, parts.isOn());
}

async function setPush(parts: Parts, id: string, push: PushTarget | null, expect?: PushTarget): Promise<void> {
  const { value } = await phoneOf(parts, id);
  const { push: before, pushFault, ...rest } = value;
  if (expect && before?.endpoint !== expect.endpoint) return;
  if (JSON.stringify(before ?? null) === JSON.stringify(push)) return;
  // Until something was taken there, nobody knows that it is mended.
  await parts.store.commit({ channels: [put(id, push ? { ...rest, push, ...defined({ pushFault }) } : rest)] });
}

async function setFault(parts: Parts, id: string, fault: string | null, expect: PushTarget): Promise<void> {
  // It may have been removed meanwhile.
  const value = (await listPhones(parts)).find((phone) => phone.id === id)?.value;
  if (!value || value.push?.endpoint !== expect.endpoint || (value.pushFault ?? null) === fault) return;
  const { pushFault: _, ...rest } = value;
  await parts.store.commit({ channels: [put(id, fault === null ? rest : { ...rest, pushFault: fault })] });
}

async function phoneOf(parts: Parts, id: string) {
  const found = (await listPhones(parts)).find((phone) => phone.id === id);
  if (!found) throw new AppError("not_found", `No phone ${quotedLine(id)} is paired`);
  return found;
}

async function listPhones({ store }: Parts): Promise<{ id: string; value: KeptPhone }[]> {
  const notes = await store.listNotes(PHONES, "paired:");
  return notes.map(({ key, value }) => ({ id: key.slice("paired:".length), value: value as unknown as KeptPhone }));
}

function put(id: string, value: KeptPhone | null): ChannelChange {
  return { note: { channel: PHONES, key: `paired:${id}` }, value: value && { ...value } };
}

function toPhone({ id, value }: { id: string; value: KeptPhone }, signedBy: string | null): Phone {
  const { name, scopes, pairedAt, by, push, pushFault } = value;
  const isOn = isTold(push, signedBy);
  return { id, name, scopes, pairedAt, by, push: isOn, ...(isOn ? defined({ pushFault }) : {}) };
}

/** Not by a key that is lost: its vendor would refuse every message. While the keys cannot be read nothing is said to be over. */
function isTold(push: PushTarget | undefined, signedBy: string | null): push is PushTarget {
  if (push?.signedBy === undefined || signedBy === null) return push !== undefined;
  return push.signedBy === signedBy;
}

/** By what phones are told now; not asked for where none is told of anything. */
async function signerOf(parts: Parts, phones: { value: KeptPhone }[]): Promise<string | null> {
  return phones.some(({ value }) => value.push) ? await keyOf(parts) : null;
}

/** What pages subscribe with; null while it cannot be read. */
function keyOf({ keys }: Parts): Promise<string | null> {
  return keys().then(
    ({ publicKey }) => publicKey,
    () => null,
  );
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
