import type { Panel } from "./panelContext.ts";

/** Makes a session that works in this window's folder, and shows it. */
export async function createSession({ gateway, session, sessions, folders, focusRequests }: Panel): Promise<void> {
  const [workspace] = folders.value;
  const created = await gateway.call("sessions.create", workspace ? { workspace } : {});
  await session.show(created.session.key);
  focusRequests.value++;
  await sessions.refresh();
}
