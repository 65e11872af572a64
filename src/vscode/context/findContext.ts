import * as vscode from "vscode";
import { describeError, type Log } from "../../base/log.ts";
import type { ContextFound } from "../../protocol/panel/contextRef.ts";
import type { ContextSources, FoundPath } from "../host/contextSources.ts";
import { toFileRef } from "./fileLabel.ts";
import { findChanges } from "./gitChanges.ts";
import { findOpenFiles } from "./openFiles.ts";
import { findSessions } from "./otherSessions.ts";
import { findProblems } from "./problems.ts";
import { findResources } from "./serverResources.ts";
import { findSymbols } from "./symbols.ts";

const MOST_FILES = 20;

/**
 * What fits some words, best first. Without words: what lies nearest. Lines may follow a name: "main.ts:10-24". What one
 * source cannot tell is left out, and the others are there.
 */
export async function findContext(sources: ContextSources, typed: string, sessionKey: string): Promise<ContextFound[]> {
  const { files, terminal } = sources;
  const { query, from, to } = readLines(typed);
  const near = [() => findProblems(query), () => terminal.find(query), () => findChanges(query)];
  const sessions = async () => {
    const client = sources.client();
    return client ? await findSessions(client, query, sessionKey) : [];
  };
  const resources = async () => {
    const client = sources.client();
    return client ? await findResources(client, query) : [];
  };
  if (query === "") return await gather(sources.log, [findOpenFiles, ...near, sessions]);
  const paths = async () => (await files.find(query, MOST_FILES)).map((path) => toFound(path, from, to));
  return await gather(sources.log, [paths, () => findSymbols(query), ...near, sessions, resources]);
}

async function gather(log: Log, finders: (() => ContextFound[] | Promise<ContextFound[]>)[]): Promise<ContextFound[]> {
  const found = await Promise.all(
    finders.map(async (find) => {
      try {
        return await find();
      } catch (error) {
        log.warn(`Some context is not offered: ${describeError(error)}`);
        return [];
      }
    }),
  );
  return found.flat();
}

function readLines(typed: string): { query: string; from?: number; to?: number } {
  const [, query, from, to] = /^(.+?):(\d{1,7})(?:-(\d{1,7})?)?$/.exec(typed) ?? [];
  if (query === undefined) return { query: typed };
  const first = Math.max(1, Number(from));
  return { query, from: first, to: Math.max(first, Number(to ?? first)) };
}

function toFound({ path, shown, isFolder }: FoundPath, from?: number, to?: number): ContextFound {
  const uri = vscode.Uri.file(path);
  const slash = shown.lastIndexOf("/");
  const where = slash > 0 ? { detail: shown.slice(0, slash) } : {};
  if (isFolder) {
    const label = `${vscode.workspace.asRelativePath(uri)}/`;
    return {
      ref: { kind: "folder", label, icon: "folder", uri: uri.toString() },
      label: `${shown.slice(slash + 1)}/`,
      ...where,
    };
  }
  const range = from === undefined ? undefined : new vscode.Range(from - 1, 0, to!, 0);
  const lines = from === undefined ? "" : `:${from}${to === from ? "" : `-${to}`}`;
  return { ref: toFileRef(uri, range), label: `${shown.slice(slash + 1)}${lines}`, ...where };
}
