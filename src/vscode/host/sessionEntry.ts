import type { Session } from "../../protocol/session.ts";

/** A session as lists and events tell it: what it does not have is null in the one and absent in the other. */
export type SessionEntry = Pick<Session, "key" | "kind" | "state" | "updatedAt"> & {
  title?: string | null;
  parentKey?: string | null;
  workspace?: string | null;
};
