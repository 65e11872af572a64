import { AppError } from "../../base/appError.ts";
import { fileName } from "../../base/files/fileName.ts";
import type { FileCopies } from "../../base/files/fileCopies.ts";
import { sizeWords } from "../../base/text/sizeWords.ts";
import type { ChannelSettings } from "../ports/outside/channelDesk.ts";
import type { KeptFile, OutFile } from "../ports/outside/outFile.ts";

/** Copies of files that are to go out, under names that a network can show: all of them, or none. */
export async function keepFiles(
  files: FileCopies,
  { id, maxFileBytes }: Pick<ChannelSettings, "id" | "maxFileBytes">,
  given: OutFile[],
): Promise<KeptFile[]> {
  for (const { name, data } of given) checkSize(name, data.length, { channel: id, maxFileBytes });
  const kept: KeptFile[] = [];
  try {
    for (const { name, mediaType, data } of given)
      kept.push({ name: fileName(name), mediaType, bytes: data.length, kept: await files.keep(id, data) });
    return kept;
  } catch (error) {
    await Promise.all(kept.map((one) => files.drop(one.kept)));
    throw error;
  }
}

function checkSize(name: string, bytes: number, { channel, maxFileBytes }: { channel: string; maxFileBytes: number }) {
  if (bytes === 0) throw new AppError("bad_request", `${fileName(name)} is empty: ${channel} takes no empty files`);
  if (bytes > maxFileBytes)
    throw new AppError(
      "payload_too_large",
      `${fileName(name)} has ${sizeWords(bytes)}; ${channel} takes files of ${sizeWords(maxFileBytes)} at most`,
    );
}
