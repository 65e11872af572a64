import { AppError } from "../../base/appError.ts";
import type { PhoneScope } from "../../protocol/outside/phone.ts";

/** What a token may do; each includes the one before. */
export type Scope = "read" | "write" | "admin";

/** What a paired phone may do: what its scopes name, and nothing else, not even what `read` lets other tokens see. */
export interface PhoneRights {
  /** The phone's id. */
  phone: string;
  scopes: readonly PhoneScope[];
}

/** What a caller may do. */
export type Rights = Scope | PhoneRights;

/** What a call takes: a token's scope; of a phone a scope of its own, and absent it is not for phones. */
export interface Needs {
  scope: Scope;
  phone?: PhoneScope | undefined;
}

const RANK: Record<Scope, number> = { read: 0, write: 1, admin: 2 };

export function isPhone(rights: Rights): rights is PhoneRights {
  return typeof rights === "object";
}

export function mayCall(has: Rights, { scope, phone }: Needs): boolean {
  if (isPhone(has)) return phone !== undefined && has.scopes.includes(phone);
  return RANK[has] >= RANK[scope];
}

/** Throws `forbidden`. */
export function checkScope(has: Rights, needs: Needs): void {
  if (mayCall(has, needs)) return;
  if (!isPhone(has))
    throw new AppError("forbidden", `This token may ${has}; the call needs one that may ${needs.scope}`);
  throw new AppError(
    "forbidden",
    needs.phone === undefined
      ? "This is not for a paired phone"
      : `This phone was paired without the right to do this (${needs.phone})`,
  );
}
