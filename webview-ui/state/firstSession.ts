import type { Gateway } from "./panelRoutes.ts";

const MAIN = "main";
const PAGE = 200;

/**
 * The session to begin with in a window that has shown none yet: the main one where it works in this window's folder, else
 * the newest that does, else a new one. Without it, a second project would be worked on in the first one's folder.
 */
export async function firstSession(gateway: Gateway, folders: string[]): Promise<string> {
  const isHere = (workspace: string | null) =>
    workspace === null ? folders.length === 0 : folders.includes(workspace);
  let page = await gateway.call("sessions.list", { limit: PAGE });
  const listed = page.sessions.find(({ key }) => key === MAIN);
  const main = listed ?? (await gateway.call("session.status", { sessionKey: MAIN }));
  if (isHere(main.workspace)) return MAIN;
  for (;;) {
    const own = page.sessions.find(
      ({ kind, parentKey, workspace }) => kind === "isolated" && !parentKey && isHere(workspace),
    );
    if (own) return own.key;
    if (page.nextCursor === undefined) break;
    page = await gateway.call("sessions.list", { limit: PAGE, cursor: page.nextCursor });
  }
  const created = await gateway.call("sessions.create", { workspace: folders[0] ?? null });
  return created.session.key;
}
