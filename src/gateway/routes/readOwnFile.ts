import { isAbsolute } from "node:path";
import { AppError } from "../../base/appError.ts";
import { readRealFile, toAppError } from "../../base/files/realFile.ts";
import { followPath } from "../../base/files/realPath.ts";
import type { OutFile } from "../../core/ports/outside/outFile.ts";
import { protectedReason } from "../../rules/protectedPath.ts";

/** A file of this machine that its owner sends, by its absolute path: `forbidden` for one that may hold secrets. */
export async function readOwnFile(path: string, maxBytes: number): Promise<OutFile> {
  if (!isAbsolute(path)) throw new AppError("bad_request", `files: ${path} is no absolute path`);
  const real = await followPath(path).catch((error: unknown) => {
    throw toAppError(error, path);
  });
  const reason = protectedReason(path, "read") ?? protectedReason(real, "read");
  if (reason !== undefined) throw new AppError("forbidden", `${path} is not sent: ${reason}`);
  return { name: path, data: await readRealFile(real, maxBytes, path) };
}
