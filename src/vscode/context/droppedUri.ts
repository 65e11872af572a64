import * as vscode from "vscode";

/**
 * An address of the editor's window as this side of it says it. What is dropped is text, so the editor does not put it into our
 * words, as it does with all else: in a remote window a `file:` lies where the window is, and the files here are `vscode-remote:`.
 */
export function toDroppedUri(address: string): vscode.Uri {
  const uri = vscode.Uri.parse(address, true);
  const { remoteName } = vscode.env;
  if (remoteName === undefined) return uri;
  if (uri.scheme === "file") return uri.with({ scheme: "vscode-local" });
  const isHere = uri.scheme === "vscode-remote" && uri.authority.split("+")[0] === remoteName;
  return isHere ? uri.with({ scheme: "file", authority: "" }) : uri;
}
