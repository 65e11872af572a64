import { createHash } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "../../base/files/makeFolders.ts";
import * as vscode from "vscode";
import { AppError } from "../../base/appError.ts";
import type { Attachment } from "../../protocol/message.ts";
import { nameTable } from "../../base/nameTable.ts";

const KINDS = nameTable<string>({
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
});
const KEPT = 20;

/** Shows an image in a tab. The editor opens only files, so it is kept as one for a while, out of any workspace. */
export async function openImage(
  { globalStorageUri }: vscode.ExtensionContext,
  { mediaType, data }: Attachment,
): Promise<void> {
  const kind = KINDS[mediaType];
  if (!kind) throw new AppError("bad_request", vscode.l10n.t("Images of type {0} are not shown.", mediaType));
  const bytes = Buffer.from(data, "base64");
  const folder = join(globalStorageUri.fsPath, "images");
  await makeFolders(folder, 0o700);
  const path = join(folder, `${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.${kind}`);
  await writeFile(path, bytes, { mode: 0o600 });
  await forgetOld(folder);
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path), { preview: true });
}

async function forgetOld(folder: string): Promise<void> {
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = files.sort((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}
