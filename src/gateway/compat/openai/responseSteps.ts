import type { TellEvent } from "./openaiEvents.ts";
import { type ResponseBody, type ResponseFrame, toItem, toOpenBody, toPart, toResponseBody } from "./responseBody.ts";
import type { Turn } from "./turn.ts";

/** The events of one streamed answer, in the order that clients expect them. */
export interface ResponseSteps {
  begin(runId: string): void;
  text(text: string, tell: TellEvent): Promise<void>;
  /** The whole answer, with all the text that was streamed. */
  toBody(turn: Turn): ResponseBody;
  complete(body: ResponseBody, tell: TellEvent): Promise<void>;
  fail(error: object, tell: TellEvent): Promise<void>;
}

export function createResponseSteps(frame: ResponseFrame): ResponseSteps {
  let runId: string | undefined;
  let written = "";
  let begun = false;
  let number = 0;
  const place = { item_id: frame.itemId, output_index: 0, content_index: 0 };
  const send = (tell: TellEvent, type: string, fields: object) =>
    tell({ type, sequence_number: number++, ...fields }, type);

  // Not with the run: while nothing was said, an error still has a status of its own.
  const open = async (tell: TellEvent, body: ResponseBody) => {
    if (begun) return;
    begun = true;
    await send(tell, "response.created", { response: body });
    await send(tell, "response.in_progress", { response: body });
    await send(tell, "response.output_item.added", { output_index: 0, item: toItem(frame, "", "in_progress") });
    await send(tell, "response.content_part.added", { ...place, part: toPart("") });
  };

  const write = (tell: TellEvent, delta: string) => {
    written += delta;
    return send(tell, "response.output_text.delta", { ...place, delta, logprobs: [] });
  };

  return {
    begin(id) {
      runId = id;
    },
    async text(text, tell) {
      await open(tell, toOpenBody(frame, runId ?? ""));
      await write(tell, text);
    },
    toBody: (turn) => toResponseBody(frame, turn, written === "" ? turn.reply : written),
    async complete(body, tell) {
      const item = { ...body.output[0]!, id: frame.itemId };
      const text = item.content[0]!.text;
      await open(tell, { ...body, status: "in_progress", output: [], usage: null });
      // One that was recorded is told in one piece.
      if (written === "" && text !== "") await write(tell, text);
      await send(tell, "response.output_text.done", { ...place, text, logprobs: [] });
      await send(tell, "response.content_part.done", { ...place, part: toPart(text) });
      await send(tell, "response.output_item.done", { output_index: 0, item });
      const type = body.status === "incomplete" ? "response.incomplete" : "response.completed";
      await send(tell, type, { response: { ...body, output: [item] } });
    },
    fail(error, tell) {
      const open = toOpenBody(frame, runId ?? "");
      return send(tell, "response.failed", { response: { ...open, status: "failed", error } });
    },
  };
}
