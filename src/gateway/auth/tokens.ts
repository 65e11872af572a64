import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "../../base/appError.ts";
import { Emitter } from "../../base/emitter.ts";
import type { Disposable } from "../../base/disposable.ts";
import { defined } from "../../base/defined.ts";
import type { PhoneScope } from "../../protocol/outside/phone.ts";
import { isPhone, type Rights, type Scope } from "../calls/scope.ts";

/** A token by its name. What it may do is bound to it here, whatever a client says. */
export interface NamedToken {
  name: string;
  value: string;
  scope: Scope;
  /** No limit when absent. */
  requestsPerMinute?: number;
}

/** The token of a paired phone, of which only the digest is kept. */
export interface PhoneToken {
  /** The phone's. */
  id: string;
  /** SHA-256 of the token, in hex. */
  digest: string;
  scopes: PhoneScope[];
}

/** One token as it was when it was presented: `era` tells it from what the name stands for after a rotation. */
export interface Principal {
  name: string;
  scope: Rights;
  requestsPerMinute?: number;
  era: number;
}

export interface Tokens {
  /** Who presents this token, a phone also while none may come in; undefined for nobody. Takes the same time for every wrong one. */
  find(presented: string): Principal | undefined;
  /** Whether a holder's token is still good. */
  isGood(principal: Principal): boolean;
  /** What a holder is told whose token is not good: of a phone that is paired and may not come in now, that it may come again. */
  refusalOf(principal: Principal): AppError;
  /** The value of a token, the first by default. */
  value(name?: string): string;
  /** A fresh random value that `replace` can put in place. */
  fresh(): string;
  /** The old value is dead when this returns. */
  replace(name: string, value: string): void;
  /** Puts another list in place; tokens that stay the same stay good. */
  set(list: NamedToken[]): void;
  /** Those of a list that are in force by now. */
  kept(list: NamedToken[]): NamedToken[];
  /** The same of the tokens of phones. None is good unless `mayEnter`. */
  setPhones(list: PhoneToken[], mayEnter: boolean): void;
  names(): string[];
  /** Tells when tokens have died, so that what they hold open can be closed. */
  onDied(listener: () => void): Disposable;
}

/** A token in force: its digest is compared, its era tells it from one of the same name before. */
interface LiveToken extends NamedToken {
  digest: Buffer;
  era: number;
}

// Of what a page asks while much happens, several times as much.
const MOST_OF_A_PHONE = 600;

export function createTokens(list: NamedToken[]): Tokens {
  const died = new Emitter<void>();
  let eras = 0;
  const toLive = (token: NamedToken): LiveToken => ({ ...token, digest: digestOf(token.value), era: eras++ });
  let live = list.map(toLive);
  let phones: (PhoneToken & { bytes: Buffer; era: number })[] = [];
  let mayPhonesEnter = false;

  const findSame = ({ name, value, scope }: NamedToken) =>
    live.find((old) => old.name === name && old.value === value && old.scope === scope);
  const byName = (name?: string): LiveToken => {
    const token = name === undefined ? live[0] : live.find((item) => item.name === name);
    if (!token) throw new AppError("not_found", `There is no token ${JSON.stringify(name ?? "")}`);
    return token;
  };

  return {
    find(presented) {
      // Compares digests so that the time taken says nothing about the token; goes through all of them for the same reason.
      const digest = digestOf(presented);
      let found: LiveToken | undefined;
      for (const token of live) if (timingSafeEqual(token.digest, digest)) found = token;
      let phone: (typeof phones)[number] | undefined;
      for (const token of phones) if (timingSafeEqual(token.bytes, digest)) phone = token;
      if (phone) {
        const { id, scopes, era } = phone;
        const requestsPerMinute = Math.min(MOST_OF_A_PHONE, live[0]?.requestsPerMinute ?? Infinity);
        return { name: id, scope: { phone: id, scopes }, era, requestsPerMinute };
      }
      if (!found) return undefined;
      const { name, scope, era, requestsPerMinute } = found;
      return { name, scope, era, ...defined({ requestsPerMinute }) };
    },
    isGood: ({ era }) => [...live, ...(mayPhonesEnter ? phones : [])].some((token) => token.era === era),
    refusalOf({ scope, era }) {
      if (!isPhone(scope)) return new AppError("unauthorized", "This token is not valid any more");
      return phones.some((token) => token.era === era)
        ? noPageServed()
        : new AppError("unauthorized", "This phone is not paired any more");
    },
    value: (name) => byName(name).value,
    fresh: () => randomBytes(32).toString("base64url"),
    replace(name, value) {
      const old = byName(name);
      live = live.map((token) => (token === old ? toLive({ ...token, value }) : token));
      died.emit();
    },
    set(next) {
      live = next.map((token) => {
        const { digest, era } = findSame(token) ?? toLive(token);
        return { ...token, digest, era };
      });
      died.emit();
    },
    kept: (list) => list.filter(findSame),
    setPhones(next, mayEnter) {
      mayPhonesEnter = mayEnter;
      phones = next.map((token) => {
        const same = phones.find(({ id, digest }) => id === token.id && digest === token.digest);
        return { ...token, bytes: Buffer.from(token.digest, "hex"), era: same?.era ?? eras++ };
      });
      died.emit();
    },
    names: () => live.map((token) => token.name),
    onDied: (listener) => died.on(listener),
  };
}

function digestOf(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}

/** What paired phones are told while the page for them is off, and the page itself, where one has it still. */
export function noPageServed(): AppError {
  return new AppError("unavailable", "No page for phones is served at the moment");
}
