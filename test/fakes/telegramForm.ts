import { imageFactsOf } from "../../src/base/attachments/imageFacts.ts";

/** A file as it was sent, byte for byte. */
export interface FormFile {
  field: string;
  name: string;
  type: string;
  data: Buffer;
}

/** What a call of the Bot API brings: JSON, or a form with a file. Throws for a form that is not whole. */
export function readTelegramForm(type: string, body: Buffer): { params: Record<string, unknown>; file?: FormFile } {
  const border = /boundary=(.+)$/.exec(type)?.[1];
  if (border === undefined)
    return { params: body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {} };
  const params: Record<string, unknown> = {};
  let file: FormFile | undefined;
  for (const part of partsOf(body, Buffer.from(`--${border}`))) {
    const end = part.indexOf("\r\n\r\n");
    if (end < 0) throw new Error("A part of the form has no head");
    const head = part.toString("utf8", 0, end);
    const data = Buffer.from(part.subarray(end + 4));
    const field = /[; ]name="([^"]*)"/.exec(head)![1]!;
    const name = /filename="([^"]*)"/.exec(head)?.[1];
    if (name === undefined) params[field] = data.toString();
    else file = { field, name, type: /content-type: *(.+)/i.exec(head)?.[1] ?? "", data };
  }
  return { params, ...(file ? { file } : {}) };
}

function partsOf(body: Buffer, border: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = body.indexOf(border);
  for (;;) {
    const from = at + border.length;
    if (body.toString("latin1", from, from + 2) === "--") return parts;
    const next = body.indexOf(border, from);
    if (at < 0 || next < 0) throw new Error("The form ends in the middle");
    parts.push(body.subarray(from + 2, next - 2));
    at = next;
  }
}

/** A call that is not carried out, and why. */
export class Refusal extends Error {
  readonly status: number;
  readonly parameters: Record<string, unknown> | undefined;
  constructor(status: number, description: string, parameters?: Record<string, unknown>) {
    super(description);
    this.status = status;
    this.parameters = parameters;
  }
}

/** What Telegram does not take of files, in its words. */
export function checkTelegramFile(method: string, file: FormFile | undefined): void {
  const field = method === "sendPhoto" ? "photo" : "document";
  if (file?.field !== field) throw new Refusal(400, `Bad Request: there is no ${field} in the request`);
  if (file.data.length === 0) throw new Refusal(400, "Bad Request: file must be non-empty");
  if (file.data.length > (field === "photo" ? 10 : 50) * 1024 * 1024)
    throw new Refusal(413, "Request Entity Too Large");
  const facts = field === "photo" ? imageFactsOf(file.data) : undefined;
  if (field === "photo" && !facts) throw new Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED");
  if (
    facts &&
    (facts.width + facts.height > 10_000 || Math.max(facts.width / facts.height, facts.height / facts.width) > 20)
  )
    throw new Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS");
}
