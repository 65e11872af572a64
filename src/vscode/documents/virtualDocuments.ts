import { basename } from "node:path";
import * as vscode from "vscode";

const SCHEME = "pincer-text";
// A review shows what each of its files was, and reads a page only when it comes into view.
const KEPT = 5000;

/** Read-only pages of text for diffs and previews: neither side of a diff is the real file, which stays untouched. */
export class VirtualDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #documents = new Map<string, string>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  #next = 1;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#documents.get(uri.toString()) ?? "";
  }

  /** The name's extension chooses the language. */
  add(name: string, text: string): vscode.Uri {
    return this.#keep(`/${basename(name)}`, text);
  }

  /** What a file was: under its own path, so that a comparison with the file does not take it for renamed. */
  addOf({ path }: vscode.Uri, text: string): vscode.Uri {
    return this.#keep(path, text);
  }

  #keep(path: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, authority: String(this.#next++), path });
    this.#documents.set(uri.toString(), text);
    // Old pages, long closed, go first.
    for (const key of [...this.#documents.keys()].slice(0, -KEPT)) this.#documents.delete(key);
    return uri;
  }

  async openDiff(path: string, before: string, after: string, title: string): Promise<void> {
    await vscode.commands.executeCommand("vscode.diff", this.add(path, before), this.add(path, after), title, {
      preview: true,
    });
  }

  async openText(name: string, text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.add(name, text));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Markdown as the editor draws it; as text where nothing there does. For pages of our own words alone: it would load pictures. */
  async openPage(name: string, markdown: string): Promise<void> {
    const uri = this.add(name, markdown);
    try {
      await vscode.commands.executeCommand("markdown.showPreview", uri);
    } catch {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    }
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
