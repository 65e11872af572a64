/** A file that is to go out, as it is now. */
export interface OutFile {
  name: string;
  data: Buffer;
}

/** The same once a copy is kept: what becomes of the file itself changes nothing of what goes out. */
export interface StoredOutFile {
  name: string;
  mediaType: string;
  bytes: number;
  /** Where its bytes are: an id of OutFileStore. */
  kept: string;
}

/** The copies of files that the body of a row names, cut into parts or not. */
export function storedOutFileIds(body: Record<string, unknown> | undefined): string[] {
  const { kept, files = [] } = (body ?? {}) as { kept?: string; files?: StoredOutFile[] };
  return [...(kept === undefined ? [] : [kept]), ...files.map((file) => file.kept)];
}
