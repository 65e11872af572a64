import { constants } from "node:fs";
import { open } from "node:fs/promises";

const LIMIT = 1024 * 1024;

/**
 * The text of a regular file of at most `limit` bytes, links followed; undefined for whatever else is there, and `none` for nothing:
 * no look beforehand tells these two apart, for others make and remove what is there. What others left behind may be a pipe, whose
 * opening waits for a writer, or a link to what never ends.
 */
export async function smallText<None extends null | undefined = undefined>(
  path: string,
  { limit = LIMIT, noLink = false, none }: { limit?: number; noLink?: boolean; none?: None } = {},
): Promise<string | NoInfer<None> | undefined> {
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (noLink ? (constants.O_NOFOLLOW ?? 0) : 0);
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) =>
    ["ENOENT", "ENOTDIR"].includes(error.code ?? "") ? null : undefined,
  );
  if (file === null) return none;
  try {
    const stat = await file?.stat();
    if (!file || !stat?.isFile() || stat.size > limit) return undefined;
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got)
      got = (await file.read(bytes, length, bytes.length - length, length)).bytesRead;
    return bytes.toString("utf8", 0, length);
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}
