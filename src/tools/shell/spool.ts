import type { KeptText, KeptTexts } from "../../base/files/keptTexts.ts";

/** Output of a command, which is kept on the disk once it is longer than what of it is shown. */
export interface Spool {
  add(text: string): void;
  /** For the model: how to read on; "" while all of it is shown. */
  note(): string;
  /** Resolves when all that was added can be read. */
  close(): Promise<void>;
}

/** `shown`: how many characters of it are. Keeps nothing where there is no place for it. */
export function createSpool(texts: KeptTexts | undefined, sessionKey: string, shown: number): Spool {
  let early = "";
  let file: KeptText | undefined;
  return {
    add(text) {
      if (!texts) return;
      if (file) return file.add(text);
      early += text;
      if (early.length <= shown) return;
      const opened = (file = texts.open(sessionKey));
      opened.add(early);
      early = "";
    },
    note: () => (file ? `\n[${kept(file)}]` : ""),
    async close() {
      await file?.close();
    },
  };
}

function kept({ id, ...file }: KeptText): string {
  const bytes = file.bytes();
  if (file.isCut() && bytes === 0) return "it is longer than what is shown, and could not be kept";
  return `${file.isCut() ? `the first ${bytes} bytes are kept` : `${bytes} bytes in all`}; exec with id "${id}" and offset reads on`;
}
