/** How gateways that have no editor are called. */
export const GATEWAY_NAME = "pincer gateway";

/** Whether who leads, by its name, is an editor's window. */
export function isEditorName(name: string): boolean {
  return !name.startsWith(GATEWAY_NAME);
}
