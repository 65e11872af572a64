import type { OutFileStore } from "../../base/files/outFileStore.ts";
import type { StoredOutFile } from "../../core/ports/outside/outFile.ts";
import type { OutboxRow } from "../../core/ports/outside/channelRows.ts";
import type { FilePart, Part, TextPart } from "../channel.ts";
import { defined } from "../../base/defined.ts";

type Body = NonNullable<OutboxRow["body"]>;

/** A file as a row has it: its bytes in base64 where the agent itself wrote it, or where a copy of them is kept. */
type FileBody = Omit<FilePart, "data"> & ({ data: string } | Pick<StoredOutFile, "kept" | "bytes">);

export function toBody(part: Part): Body {
  return part.kind === "text" ? { ...part } : { ...part, data: part.data.toString("base64") };
}

export function toFileBody({ name, mediaType, kept, bytes }: StoredOutFile): Body {
  return { kind: "file", name, mediaType, kept, bytes } satisfies FileBody;
}

/** What a row says, with the bytes of its file; undefined where these are not kept any more. */
export async function toPart(body: Body, files: OutFileStore): Promise<Part | undefined> {
  const part = body as unknown as TextPart | FileBody;
  if (part.kind === "text") return part;
  const data = "data" in part ? Buffer.from(part.data, "base64") : await files.read(part.kept);
  const { kind, name, mediaType, caption, plain } = part;
  return data && { kind, name, mediaType, data, ...defined({ caption }), ...(plain && { plain }) };
}

/** The same, plain: see `Sent`. */
export function toPlainBody(body: Body): Body {
  const { marked: _, ...rest } = body;
  return rest["kind"] === "file" ? { ...rest, plain: true } : rest;
}

/** What a file is called; undefined for what is none. */
export function fileNameOf(body: Body | undefined): string | undefined {
  return body?.["kind"] === "file" ? String(body["name"]) : undefined;
}
