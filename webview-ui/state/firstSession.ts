import type { Gateway } from "./panelRoutes.ts";

const MAIN = "main";

/**
 * The session to begin with in a window that has shown none yet: the main one where it works in this window's folder, else
 * the newest that does, else a new one. Without it, a second project would be worked on in the first one's folder.
 */
export async function firstSession(gateway: Gateway, folders: string[]): Promise<string> {
  const isHere = (workspace: string | null) =>
    workspace === null ? folders.length === 0 : folders.includes(workspace);
  const { sessions } = await gateway.call("sessions.list", { limit: 200 });
  const main = sessions.find(({ key }) => key === MAIN) ?? (await gateway.call("session.status", { sessionKey: MAIN }));
  if (isHere(main.workspace)) return MAIN;
  const own = sessions.find(({ kind, parentKey, workspace }) => kind === "isolated" && !parentKey && isHere(workspace));
  if (own) return own.key;
  const created = await gateway.call("sessions.create", { workspace: folders[0] ?? null });
  return created.session.key;
}
