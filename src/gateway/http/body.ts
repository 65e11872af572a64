import type { IncomingMessage } from "node:http";
import { AppError } from "../../base/appError.ts";
import { describeJsonFault } from "./jsonFault.ts";
import { BODY_LIMIT, tooLarge } from "../auth/authorize.ts";
import { checkJson } from "../calls/jsonValue.ts";
import type { Exchange } from "./endpoint.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The JSON object in a request's body; undefined when there is no body. Rejects where its token has died meanwhile. */
export async function readJsonBody({
  request,
  checkToken,
}: Pick<Exchange, "request" | "checkToken">): Promise<Record<string, unknown> | undefined> {
  const bytes = await readBody(request);
  checkToken();
  return bytes.length === 0 ? undefined : parseObject(decodeBody(bytes));
}

/** Checks depth and text as well; `bad_request` for anything that is not a JSON object. */
export function parseObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("bad_request", "The body must be a JSON object");
  checkJson(value);
  return value as Record<string, unknown>;
}

/** A request's body as it was sent; `payload_too_large` above 1 MB, `bad_request` for one that ends early. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      // Goes on reading what it drops: a client that is still sending would see a reset instead of the answer.
      if (size > BODY_LIMIT) {
        chunks.length = 0;
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => reject(new AppError("bad_request", "The body ended early")));
    // Comes after every end as well, where an error is not to be made for nothing.
    request.on("close", () => !request.readableEnded && reject(new AppError("bad_request", "The body ended early")));
  });
}

/** `bad_request` for what is not UTF-8. */
export function decodeBody(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new AppError("bad_request", "The body is not valid UTF-8");
  }
}

/** JSON of any kind, whatever it holds; `bad_request` with the place for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError("bad_request", `The body is not valid JSON: ${describeJsonFault(text, error)}`);
  }
}
