import { Transform, type Writable } from "node:stream";
import { AppError } from "../../../base/appError.ts";

// What one message may take: more is nobody's.
const MOST_BYTES = 64 * 1024 * 1024;
const NEWLINE = 10;

/**
 * Lines of JSON-RPC on their way in: what is no message is answered on `output`, as JSON-RPC says, and goes no further. Whoever
 * sent it would wait for ever otherwise.
 */
export function messageLines(output: Writable): Transform {
  let waiting: Buffer[] = [];
  let bytes = 0;
  const take = (stream: Transform, line: Buffer) => {
    const refusal = refusalOf(line.toString("utf8"));
    if (refusal === undefined) stream.push(Buffer.concat([line, Buffer.from("\n")]));
    else if (refusal) output.write(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: refusal })}\n`);
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        take(this, Buffer.concat([...waiting, chunk.subarray(from, at)]));
        [waiting, bytes, from] = [[], 0, at + 1];
      }
      waiting.push(chunk.subarray(from));
      bytes += chunk.length - from;
      done(
        bytes > MOST_BYTES ? new AppError("payload_too_large", `A message has more than ${MOST_BYTES} bytes`) : null,
      );
    },
    flush(done) {
      if (bytes > 0) take(this, Buffer.concat(waiting));
      done();
    },
  });
}

/** undefined: it is a message, or may be. false: it is an empty line. */
function refusalOf(line: string): { code: number; message: string } | false | undefined {
  if (line.trim() === "") return false;
  try {
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value))
      return { code: -32600, message: "Batches are no part of the protocol: send each message on a line of its own" };
    return typeof value === "object" && value !== null
      ? undefined
      : { code: -32600, message: "A message is a JSON object" };
  } catch (error) {
    return { code: -32700, message: `Parse error: ${(error as Error).message}` };
  }
}
