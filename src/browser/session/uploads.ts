import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { AppError } from "../../base/appError.ts";
import { isInside } from "../../base/files/isInside.ts";
import { linkedSecrets } from "../../rules/linkedSecrets.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { nameTable } from "../../base/nameTable.ts";

export interface Upload {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

// What the driver takes in one message.
const MAX_BYTES = 45_000_000;

/**
 * Files of a workspace, read here and now: what a page gets is what was in the folder, wherever links lead later. Files
 * that may hold secrets are `forbidden` unless somebody said yes to them. With `seen`, the digests of what somebody said yes
 * to, other bytes are a `conflict`.
 */
export async function readUploads(
  workspace: string,
  paths: string[],
  { maySecrets, seen }: { maySecrets: boolean; seen?: string[] | undefined },
): Promise<Upload[]> {
  if (workspace === "") throw new AppError("forbidden", "This session has no workspace folder to upload from");
  const uploads: Upload[] = [];
  let left = MAX_BYTES;
  for (const [at, path] of paths.entries()) {
    const buffer = await readContained(workspace, path, { maxBytes: left, maySecrets });
    left -= buffer.length;
    if (seen && createHash("sha256").update(buffer).digest("hex") !== seen[at])
      throw new AppError("conflict", `${path} has changed since its upload was asked for; ask again`);
    uploads.push({ name: basename(path), mimeType: MEDIA_TYPES[extname(path).toLowerCase()] ?? OTHER, buffer });
  }
  return uploads;
}

async function readContained(
  workspace: string,
  path: string,
  { maxBytes, maySecrets }: { maxBytes: number; maySecrets: boolean },
): Promise<Buffer> {
  const [root, real] = await Promise.all([realpath(workspace), realpath(resolve(workspace, path))]).catch(() => {
    throw new AppError("not_found", `${path} does not exist in the workspace`);
  });
  if (!isInside(root, real) || isInside(real, root))
    throw new AppError("forbidden", `${path} is outside the workspace`);
  const secret = maySecrets ? undefined : protectedReason(real, "read");
  if (secret) throw new AppError("forbidden", `${path} is not given to a page: ${secret}`);
  // The last link is resolved already: one that is there now was put there since.
  const file = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new AppError("bad_request", `${path} is no file`);
    if (stat.size > maxBytes) {
      throw new AppError("payload_too_large", `${path} is too large: one upload holds ${MAX_BYTES / 1e6} MB`);
    }
    const linked = maySecrets ? undefined : await linkedSecrets(root)(await file.stat({ bigint: true }));
    if (linked) throw new AppError("forbidden", `${path} is not given to a page: ${linked}`);
    if ((await realpath(real)) !== real) throw new AppError("forbidden", `${path} became a link while it was opened`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

const OTHER = "application/octet-stream";

const MEDIA_TYPES = nameTable<string>({
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".md": "text/markdown",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain",
  ".webp": "image/webp",
  ".xml": "application/xml",
  ".zip": "application/zip",
});
