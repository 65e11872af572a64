import type * as vscode from "vscode";

const SEEN = "pincer.chatSeen";

/** The first time that somebody opens Pincer's trees, the chat opens beside them. After that it stays as they leave it. */
export function showChatOnce(
  state: vscode.Memento,
  trees: vscode.Event<vscode.TreeViewVisibilityChangeEvent>,
  chat: { readonly visible: boolean; show(): Promise<void> },
): vscode.Disposable {
  return trees(({ visible }) => {
    if (!visible || state.get(SEEN)) return;
    void state.update(SEEN, true);
    if (!chat.visible) void chat.show();
  });
}
