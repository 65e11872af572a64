/** A file that is to go out, as it is now. */
export interface OutFile {
  name: string;
  data: Buffer;
}

/** The same once a copy is kept: what becomes of the file itself changes nothing of what goes out. */
export interface KeptFile {
  name: string;
  mediaType: string;
  bytes: number;
  /** Where its bytes are: an id of FileCopies. */
  kept: string;
}
