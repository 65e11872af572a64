import type { Session } from "../session.ts";

/** Groups of a list of sessions, in their order. */
export const SESSION_PLACES = ["pinned", "today", "earlier", "elsewhere"] as const;

export type SessionPlace = (typeof SESSION_PLACES)[number];

/** Where a session stands in a list for a window with these folders; the main one is always of today. */
export function sessionPlace(
  { key, pinned, workspace, updatedAt }: Pick<Session, "key" | "pinned" | "workspace" | "updatedAt">,
  folders: readonly string[],
  now: number,
): SessionPlace {
  if (pinned) return "pinned";
  if (workspace !== null && !folders.includes(workspace)) return "elsewhere";
  return key === "main" || Date.parse(updatedAt) >= new Date(now).setHours(0, 0, 0, 0) ? "today" : "earlier";
}
