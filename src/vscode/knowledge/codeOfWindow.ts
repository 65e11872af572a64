import * as vscode from "vscode";
import { type Clock, systemClock } from "../../base/clock.ts";
import { race, sleep } from "../../base/wait.ts";
import type { CodeKnowledge } from "../../core/ports/codeKnowledge.ts";
import { askFolderSymbols, askFormat, askPlaces, askRename, askSymbols } from "./answers.ts";
import { hasFolder, toPath } from "./folderUris.ts";
import { FoundProblems, openUnseen } from "./foundProblems.ts";
import { startServers } from "./servers.ts";
import { askTypescript, isTypescript } from "./typescriptServer.ts";
import { isInside } from "../../base/files/isInside.ts";

const AGAIN_MS = [100, 200, 400, 800, 1500];

/** What the language servers of this window know of the code in its folders. */
export function createCodeOfWindow(clock: Clock = systemClock): CodeKnowledge & vscode.Disposable {
  const problems = new FoundProblems(clock);
  /** Languages that somebody has answered about: a server is there. */
  const answered = new Set<string>();

  /** What a provider says of a file. Where nobody has answered yet a server may just be starting, and tells nobody when it is there. */
  const ask = async <T>(path: string, signal: AbortSignal, work: () => Promise<T>, isEmpty: (found: T) => boolean) => {
    const document = await race(openUnseen(path), signal);
    if (!document) return await race(work(), signal);
    const language = document.languageId;
    if (!answered.has(language)) await race(startServers(language, clock), signal);
    if (!answered.has(language) && isTypescript(document)) await race(askTypescript(document.uri, path), signal);
    let found = await race(work(), signal);
    for (const ms of answered.has(language) ? [] : AGAIN_MS) {
      if (!isEmpty(found)) break;
      await sleep(clock, ms, signal);
      found = await race(work(), signal);
    }
    answered.add(language);
    return found;
  };
  const isNone = (found: unknown[]) => found.length === 0;

  return {
    has: hasFolder,
    check: (paths, limitMs, signal) => problems.check(paths, limitMs, signal),
    known: (folder) => problems.known(folder),
    open: (folder) => problems.open(folder),
    definition: (at, signal) => ask(at.path, signal, () => askPlaces("vscode.executeDefinitionProvider", at), isNone),
    references: (at, signal) => ask(at.path, signal, () => askPlaces("vscode.executeReferenceProvider", at), isNone),
    symbols: (path, signal) => ask(path, signal, () => askSymbols(path), isNone),
    async findSymbols(folder, query, signal) {
      const path = await race(someCode(folder), signal);
      const work = () => askFolderSymbols(folder, query);
      return path === undefined ? await race(work(), signal) : await ask(path, signal, work, isNone);
    },
    rename: (at, name, signal) => ask(at.path, signal, () => askRename(at, name), isNone),
    format: (path, signal) =>
      ask(
        path,
        signal,
        () => askFormat(path),
        (found) => found === undefined,
      ),
    dispose: () => problems.dispose(),
  };
}

const CODE = "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,py,go,rs,java,kt,cs,c,cc,cpp,h,hpp,php,rb,swift,scala,vue,svelte}";

/** A file of code in a folder: servers look into folders that they were shown a file of. */
async function someCode(folder: string): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.map(({ uri }) => toPath(uri));
  const known = open.find((path) => path !== undefined && isInside(folder, path) && /\.\w*[a-z]$/.test(path));
  if (known !== undefined) return known;
  const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), CODE);
  const [found] = await vscode.workspace.findFiles(pattern, "**/node_modules/**", 1);
  return found && toPath(found);
}
