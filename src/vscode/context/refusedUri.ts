import type * as vscode from "vscode";
import type { Rule } from "../../protocol/rule.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { workspaceFolders } from "../host/editorHost.ts";

/** Why the agent may not read what an editor shows unasked. What lies on no disk of this machine goes by its name alone. */
export async function refusedUri(uri: vscode.Uri, rules: Rule[]): Promise<string | undefined> {
  if (uri.scheme !== "file" && uri.authority) return protectedReason(uri.fsPath, "read");
  const { refusedReading } = await import("../../app.ts");
  return await refusedReading(workspaceFolders(), uri.fsPath, rules);
}
