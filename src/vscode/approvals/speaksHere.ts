import * as vscode from "vscode";
import { isEditorName } from "../../base/text/gatewayName.ts";
import type { Gateway } from "../host/windowGateway.ts";

/** Whether what happens is told in this window: the user looks at it, or perhaps at none, and it speaks for all. */
export function speaksHere(gateway: Gateway): boolean {
  return vscode.window.state.focused || speaksForAll(gateway);
}

/** Whether this window speaks where the user looks at none: it leads, or no window does. */
export function speaksForAll({ status, app }: Gateway): boolean {
  return status.role === "leader" || (app !== undefined && !isEditorName(app.leader));
}
