import type { Panel } from "./panelContext.ts";

/**
 * Makes a session that works in this window's folder, or in none where it has none, and shows it. Asks which of several;
 * false when none was chosen.
 */
export async function createSession(panel: Panel): Promise<boolean> {
  const { gateway, session, sessions, folders, focusRequests } = panel;
  const { folder } =
    folders.value.length > 1 ? await gateway.call("editor.pickFolder", {}) : { folder: folders.value[0] };
  if (folder === null) return false;
  const created = await gateway.call("sessions.create", { workspace: folder ?? null });
  await session.show(created.session.key);
  focusRequests.value++;
  await sessions.refresh();
  return true;
}
