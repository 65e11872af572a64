import { basename } from "node:path";
import { AppError } from "../../base/appError.ts";
import { imageProblem } from "../../base/attachments/checkAttachment.ts";
import type { Attachment } from "../../protocol/message.ts";
import { openRealFile } from "../../base/files/realFile.ts";

// In base64, as they are sent, these are the 5 MB that models take.
const MAX_BYTES = 3_932_160;

/** An image that models can look at, by its name and its first bytes; undefined when the file is none. */
export async function readImage(real: string): Promise<Attachment | undefined> {
  const mediaType = TYPES.get(/\.(\w+)$/.exec(real)?.[1]?.toLowerCase() ?? "");
  if (!mediaType) return undefined;
  await using file = await openRealFile(real, "read");
  const { size } = await file.stat();
  if (size > MAX_BYTES) throw new AppError("bad_request", `${real} has ${size} bytes; images may have ${MAX_BYTES}`);
  const bytes = await file.readFile();
  if (!MAGIC.get(mediaType)!.test(bytes.subarray(0, 12).toString("latin1"))) return undefined;
  const data = bytes.toString("base64");
  const problem = imageProblem(data);
  if (problem) throw new AppError("bad_request", `${real} ${problem}`);
  return { name: basename(real), mediaType, data };
}

const TYPES = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
]);

const MAGIC = new Map([
  ["image/png", /^\x89PNG/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8/],
  ["image/webp", /^RIFF.{4}WEBP/s],
]);
