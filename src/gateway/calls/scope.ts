import { AppError } from "../../base/appError.ts";

/** What a token may do; each includes the one before. */
export type Scope = "read" | "write" | "admin";

const RANK: Record<Scope, number> = { read: 0, write: 1, admin: 2 };

/** Throws `forbidden`. */
export function checkScope(has: Scope, needs: Scope): void {
  if (RANK[has] < RANK[needs])
    throw new AppError("forbidden", `This token may ${has}; the call needs one that may ${needs}`);
}
