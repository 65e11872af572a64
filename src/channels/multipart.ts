import { randomUUID } from "node:crypto";

export interface FormFile {
  field: string;
  name: string;
  mediaType: string;
  data: Buffer;
}

const CALL_MS = 30_000;
// Of a file that goes up over a poor line.
const SLOW_BYTES_PER_MS = 50;

/** How long a call may take, with the file that goes up with it. */
export function callMs(file: FormFile | undefined): number {
  return CALL_MS + Math.ceil((file?.data.length ?? 0) / SLOW_BYTES_PER_MS);
}

/** A form with one file, as browsers send it. */
export function toMultipart(params: Record<string, unknown>, file: FormFile): { type: string; body: Buffer } {
  const border = `pincer-${randomUUID()}`;
  const fields = Object.entries(params).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `--${border}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  });
  const name = file.name.replaceAll(/["\\\r\n]/g, "_");
  const head = `--${border}\r\ncontent-disposition: form-data; name="${file.field}"; filename="${name}"\r\ncontent-type: ${file.mediaType}\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${border}`,
    body: Buffer.concat([Buffer.from(fields.join("") + head), file.data, Buffer.from(`\r\n--${border}--\r\n`)]),
  };
}
