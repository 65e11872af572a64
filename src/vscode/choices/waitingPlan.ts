import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createRouteClient } from "../../client/routeClient.ts";
import { makeFolders } from "../../base/files/makeFolders.ts";
import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import { needGateway, type Window } from "../host/window.ts";
import { defined } from "../../base/defined.ts";

const KEPT = 20;

interface WaitingPlan {
  sessionKey: string;
  /** The run that wrote it. */
  runId: string;
}

/** Opens the plan that a session waits with as a Markdown file, as it was edited last. */
export async function editPlan(window: Window, { sessionKey, runId }: WaitingPlan): Promise<void> {
  const client = await needGateway(window);
  if (!client) return;
  const plan = await client.call("plans.get", { sessionKey });
  if (plan.runId !== runId) throw another();
  const path = fileOf(window, runId);
  await makeFolders(join(path, ".."), 0o700);
  await writeFile(path, plan.text, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    // It was opened before, and may have been edited.
    if (error.code !== "EEXIST") throw error;
  });
  await forgetOld(join(path, ".."));
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
}

/** Has the plan done: as its file is in the editor, saved or not, and as it was written where it was never opened. */
export async function acceptPlan(window: Window, { sessionKey, runId }: WaitingPlan): Promise<void> {
  if (!(await needGateway(window))) return;
  const path = fileOf(window, runId);
  const text = openText(path) ?? (await readFile(path, "utf8").catch(() => undefined));
  if (text?.trim() === "") throw new AppError("bad_request", vscode.l10n.t("The plan is empty."));
  // The button is the chat's, so the message is said to come from there.
  const panel = createRouteClient(await window.gateway.connect("panel"));
  try {
    await panel.call("plans.accept", { sessionKey, runId, timeoutSeconds: 0, ...defined({ text }) });
  } finally {
    panel.close();
  }
}

function openText(path: string): string | undefined {
  const wanted = vscode.Uri.file(path).toString();
  return vscode.workspace.textDocuments.find(({ uri, isClosed }) => !isClosed && uri.toString() === wanted)?.getText();
}

/** Out of any workspace: it is nobody's file there. */
function fileOf({ context }: Window, runId: string): string {
  if (!/^[\w-]{1,200}$/.test(runId)) throw another();
  return join(context.globalStorageUri.fsPath, "plans", `plan-${basename(runId)}.md`);
}

function another(): AppError {
  return new AppError("conflict", vscode.l10n.t("Another plan waits by now."));
}

async function forgetOld(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      path: join(folder, name),
      at: (await stat(join(folder, name))).mtimeMs,
    })),
  );
  const old = files.toSorted((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}
