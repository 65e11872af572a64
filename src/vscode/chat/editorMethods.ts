import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { entryAt } from "../../base/files/entryAt.ts";
import type { EditorMethods } from "../../protocol/panel/editor.ts";
import { toContextRefs } from "../context/contextRefs.ts";
import { openOutside } from "../documents/openOutside.ts";
import { findContext } from "../context/findContext.ts";
import { readContext } from "../context/readContext.ts";
import { toDroppedUri } from "../context/droppedUri.ts";
import { toPathRef } from "../context/pathRef.ts";
import { goBack, undoRun } from "./undoRun.ts";
import { type Window, startVisibly } from "../host/window.ts";
import { setApiKey } from "../settings/keyCommands.ts";
import { readParams } from "./panelInput.ts";
import { namedFile } from "./namedFile.ts";
import { openImage } from "./openImage.ts";
import { pickFolder } from "../host/pickFolder.ts";
import { readAttachments } from "./sendSelection.ts";

/** As many as a message carries. */
const MOST_DROPPED = 20;

type Answers = {
  [Name in keyof EditorMethods]: {
    params: Parameters<typeof readParams>[1];
    answer(window: Window, input: EditorMethods[Name]["input"]): Promise<EditorMethods[Name]["output"]>;
  };
};

const answers: Answers = {
  "editor.openDocumentation": {
    params: {},
    async answer({ context }) {
      const { homepage } = context.extension.packageJSON as { homepage: string };
      await openOutside(homepage);
      return null;
    },
  },
  "editor.openLink": {
    params: { url: "string" },
    async answer(_edge, { url }) {
      if (!isOutsideLink(url))
        throw new AppError("bad_request", vscode.l10n.t("Only http, https and mailto links are opened."));
      return { opened: await openOutside(url) };
    },
  },
  "editor.openFile": {
    params: { path: "string", line: "number?" },
    async answer(window, { path, line }) {
      const position = new vscode.Position(Math.max(0, Math.trunc(line ?? 1) - 1), 0);
      const selection = line === undefined ? {} : { selection: new vscode.Range(position, position) };
      const file = await namedFile(window, path);
      const entry = entryAt(file.fsPath);
      if (!entry) throw new AppError("not_found", vscode.l10n.t("{0} is not there.", path));
      if (entry.isDirectory()) await vscode.commands.executeCommand("revealInExplorer", file);
      // Pictures and the like have editors of their own.
      else await vscode.commands.executeCommand("vscode.open", file, { preview: true, ...selection });
      return null;
    },
  },
  "editor.openDiff": {
    params: { approvalId: "string" },
    async answer({ approvals }, { approvalId }) {
      await approvals.showById(approvalId);
      return null;
    },
  },
  "editor.openImage": {
    params: { name: "string", mediaType: "string", data: "string" },
    async answer({ context }, image) {
      await openImage(context, image);
      return null;
    },
  },
  "editor.copy": {
    params: { text: "string" },
    async answer(_edge, { text }) {
      await vscode.env.clipboard.writeText(text);
      return null;
    },
  },
  "editor.insert": {
    params: { text: "string" },
    async answer(_edge, { text }) {
      const editor = vscode.window.activeTextEditor;
      if (!editor)
        throw new AppError("bad_request", vscode.l10n.t("Open a file first: there is no cursor to insert at."));
      await editor.edit((edit) => editor.selections.forEach((selection) => edit.replace(selection, text)));
      await vscode.window.showTextDocument(editor.document, { preserveFocus: false });
      return null;
    },
  },
  "editor.apply": {
    params: { text: "string", language: "string?", path: "string?" },
    async answer(window, { text, path }) {
      const target = path === undefined ? undefined : await namedFile(window, path);
      await (await import("../choices/index.ts")).applyText(window, text, target);
      return null;
    },
  },
  "editor.setApiKey": {
    params: { provider: "string?" },
    async answer(window, { provider }) {
      await setApiKey(window, provider);
      return null;
    },
  },
  "editor.setUpModel": {
    params: {},
    async answer(window) {
      await (await import("../choices/index.ts")).setUpModel(window);
      return null;
    },
  },
  "editor.pickFiles": {
    params: {},
    async answer({ sources }) {
      const files = await vscode.window.showOpenDialog({ canSelectMany: true, openLabel: vscode.l10n.t("Attach") });
      return await readAttachments(sources, files ?? []);
    },
  },
  "editor.findContext": {
    params: { query: "string", sessionKey: "string" },
    async answer({ sources }, { query, sessionKey }) {
      return { found: await findContext(sources, query.slice(0, 200), sessionKey) };
    },
  },
  "editor.readContext": {
    params: { refs: "list" },
    async answer({ sources }, { refs }) {
      return await readContext(sources, toContextRefs(refs));
    },
  },
  "editor.readDropped": {
    params: { uris: "list" },
    async answer({ sources }, { uris }) {
      const dropped = uris.slice(0, MOST_DROPPED).map((uri) => toDroppedUri(String(uri)));
      const refs = await Promise.all(dropped.map(toPathRef));
      const others = dropped.filter((_, index) => refs[index] === undefined);
      const { attachments, refused } = await readAttachments(sources, others);
      if (uris.length > MOST_DROPPED) refused.push(vscode.l10n.t("At most {0} are attached at once.", MOST_DROPPED));
      return { refs: refs.filter((ref) => ref !== undefined), attachments, refused };
    },
  },
  "editor.pickFolder": {
    params: {},
    async answer() {
      return { folder: (await pickFolder(vscode.l10n.t("Folder of the new session"))) ?? null };
    },
  },
  "editor.exportSession": {
    params: { sessionKey: "string", format: "string?" },
    async answer(window, { sessionKey, format }) {
      await (await import("../choices/index.ts")).saveExport(window, sessionKey, format);
      return null;
    },
  },
  "editor.compact": {
    params: { sessionKey: "string" },
    async answer(_edge, { sessionKey }) {
      await vscode.commands.executeCommand("pincer.compactSession", sessionKey);
      return null;
    },
  },
  "editor.undoRun": {
    params: {},
    async answer(window) {
      await undoRun(window);
      return null;
    },
  },
  "editor.pickModel": {
    params: { sessionKey: "string" },
    async answer(window, { sessionKey }) {
      const { pickModel } = await import("../choices/index.ts");
      return { model: await pickModel(window, sessionKey) };
    },
  },
  "editor.pickMode": {
    params: { sessionKey: "string" },
    async answer(window, { sessionKey }) {
      await (await import("../choices/index.ts")).pickMode(window, sessionKey);
      return null;
    },
  },
  "editor.editPlan": {
    params: { sessionKey: "string", runId: "string" },
    async answer(window, plan) {
      await (await import("../choices/index.ts")).editPlan(window, plan);
      return null;
    },
  },
  "editor.acceptPlan": {
    params: { sessionKey: "string", runId: "string" },
    async answer(window, plan) {
      await (await import("../choices/index.ts")).acceptPlan(window, plan);
      return null;
    },
  },
  "editor.goBack": {
    params: { sessionKey: "string", beforeSeq: "number" },
    async answer(window, { sessionKey, beforeSeq }) {
      await goBack(window, sessionKey, beforeSeq);
      return null;
    },
  },
  "editor.openConfiguration": {
    params: {},
    async answer() {
      await vscode.commands.executeCommand("pincer.openConfiguration");
      return null;
    },
  },
  "editor.startGateway": {
    params: {},
    async answer({ gateway }) {
      await startVisibly(gateway);
      return null;
    },
  },
  "editor.manageTrust": {
    params: {},
    async answer() {
      await vscode.commands.executeCommand("workbench.trust.manage");
      return null;
    },
  },
};

/** Answers what the panel asks of the editor. Everything about the request is checked: it comes from a page. */
export async function answerPanel(window: Window, method: string, params: unknown): Promise<unknown> {
  if (!Object.hasOwn(answers, method)) throw new AppError("not_found", `The editor has no method ${method}.`);
  const { params: fields, answer } = answers[method as keyof EditorMethods];
  const input = readParams(params ?? {}, fields);
  if (!input) throw new AppError("bad_request", `${method} was called with params it does not take.`);
  return (answer as (window: Window, input: unknown) => Promise<unknown>)(window, input);
}

function isOutsideLink(url: string): boolean {
  return URL.canParse(url) && ["http:", "https:", "mailto:"].includes(new URL(url).protocol);
}
