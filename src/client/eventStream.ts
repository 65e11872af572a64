import type { Readable } from "node:stream";
import { AppError } from "../base/appError.ts";
import type { GatewayEvent } from "../protocol/event.ts";

/** The events of a server-sent stream. Comments, which only keep it open, are left out. */
export async function* readEvents(stream: Readable): AsyncGenerator<GatewayEvent> {
  stream.setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of stream) {
      const blocks = (rest + String(chunk)).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = dataOf(block);
        if (data !== "") yield JSON.parse(data) as GatewayEvent;
      }
    }
  } catch (error) {
    throw new AppError("unavailable", "The gateway went away in the middle of the stream", { cause: error });
  }
}

function dataOf(block: string): string {
  return block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trimStart())
    .join("\n");
}
