import * as vscode from "vscode";

/**
 * Opens an address in the user's browser as it is written. As a `Uri` it would be decoded and encoded anew, so that `%2B` in a query
 * became a blank and `%2F` in a path a slash (microsoft/vscode#85930); a string, which its type does not name, is handed on as it is.
 */
export async function openOutside(url: string): Promise<boolean> {
  return await vscode.env.openExternal(new URL(url).href as unknown as vscode.Uri);
}
