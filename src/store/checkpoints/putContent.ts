import { chmod, mkdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { checkRealFolder } from "../../base/files/realFile.ts";
import { replaceFile } from "../../base/files/replaceFile.ts";
import { whileHeld } from "../../base/files/whileHeld.ts";

/**
 * Makes what is at a real path this, or nothing with null. Rejects with `forbidden` where its folder has become a link: what
 * was kept is never written, or removed, anywhere else.
 */
export async function putContent(path: string, content: { bytes: Buffer; mode: number } | null): Promise<void> {
  if (content) await mkdir(dirname(path), { recursive: true });
  await checkRealFolder(path);
  if (content === null) return await whileHeld(path, () => unlink(path));
  await replaceFile(path, content.bytes, content.mode, { fence: () => checkRealFolder(path) });
  if (process.platform !== "win32") await chmod(path, content.mode);
}
