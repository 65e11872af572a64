import { AppError } from "../../base/appError.ts";
import { imageFactsOf } from "../../base/attachments/imageFacts.ts";
import type { OutFileStore } from "../../base/files/outFileStore.ts";
import { fileName } from "../../base/files/fileName.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import type { ChannelSettings } from "../ports/outside/channelDesk.ts";
import type { StoredOutFile, OutFile } from "../ports/outside/outFile.ts";

type Bounds = Pick<ChannelSettings, "id" | "maxFileBytes">;

/** See ChannelDesk.checkFile. */
export async function checkFile(
  holdsSecret: (data: Buffer) => Promise<boolean>,
  { id, maxFileBytes }: Bounds,
  given: OutFile,
): Promise<void> {
  const { data } = given;
  const name = fileName(given.name);
  if (data.length === 0) throw new AppError("bad_request", `${name} is empty: ${id} takes no empty files`);
  if (data.length > maxFileBytes)
    throw new AppError(
      "payload_too_large",
      `${name} has ${sizeWords(data.length)}; ${id} takes files of ${sizeWords(maxFileBytes)} at most`,
    );
  if (await holdsSecret(data))
    throw new AppError("forbidden", `${name} holds a key or a token that Pincer knows, and is not sent`);
}

/** A copy of a file that is to go out, under a name that a network can show. */
export async function storeOutFile(files: OutFileStore, { id }: Bounds, given: OutFile): Promise<StoredOutFile> {
  const { data } = given;
  const name = fileName(given.name);
  const mediaType = imageFactsOf(data)?.mediaType ?? "application/octet-stream";
  return { name, mediaType, bytes: data.length, kept: await files.keep(id, data) };
}
