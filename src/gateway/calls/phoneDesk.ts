import type * as z from "zod";
import type { pendingPhoneShape, Phone, PhoneScope } from "../../protocol/outside/phone.ts";

/** A code that lets one phone in, once. */
export interface PhoneOffer {
  code: string;
  /** ISO 8601. */
  expiresAt: string;
  scopes: PhoneScope[];
  /** Where the page is, as phones may reach it; the code stands behind `#`, which no request carries. The likeliest first. */
  urls: string[];
  /** Whether nobody else has signed the page's certificate, so that phones do not trust it. */
  selfSigned: boolean;
}

/** Where a browser's vendor takes what its page is to be told, and the keys that only the page can read with. */
export interface PushTarget {
  endpoint: string;
  keys: { p256dh: string; auth: string };
  /** The gateway's key that it was subscribed with: vendors take nothing from another. Absent where that was not kept. */
  signedBy?: string;
}

/** Lets phones in, and says which are. All but `list` and `remove` is `unavailable` while the page for phones is off. */
export interface PhoneDesk {
  isOn(): boolean;
  /** `conflict` when too many codes wait, or too many phones are paired. */
  offer(wanted: { send: boolean; by: string }): Promise<PhoneOffer>;
  /** What a code gives: the phone, and its token, which is told only here. `not_found` for a wrong one, and after five of them all are void. */
  enter(code: string, name: string): Promise<{ phone: Phone; token: string }>;
  list(): Promise<{ phones: Phone[]; pending: z.output<typeof pendingPhoneShape>[] }>;
  get(id: string): Promise<Phone>;
  /** What a page subscribes with, so that only this gateway can tell it anything; null while its keys cannot be read. */
  pushKey(): Promise<string | null>;
  /** Tells the phone there of what waits; null: no more. `forbidden` for an address that is not https on the public internet. */
  subscribe(id: string, push: PushTarget | null): Promise<void>;
  /** Takes a phone's token back, or makes a code void. What the phone holds open is closed when this resolves, or within a second. */
  remove(id: string): Promise<void>;
}
