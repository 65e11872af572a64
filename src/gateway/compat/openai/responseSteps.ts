import type { EventStream } from "./openaiEvents.ts";
import { type ResponseBody, type ResponseFrame, toItem, toOpenBody, toPart, toResponseBody } from "./responseBody.ts";
import type { Turn } from "./turn.ts";

/** The events of one streamed answer, in the order that clients expect them. */
export interface ResponseSteps {
  begin(runId: string): void;
  text(text: string): void;
  /** The whole answer, with all the text that was streamed. */
  toBody(turn: Turn): ResponseBody;
  complete(body: ResponseBody): void;
  fail(error: object): void;
}

export function createResponseSteps(events: EventStream, frame: ResponseFrame): ResponseSteps {
  let runId: string | undefined;
  let written = "";
  let begun = false;
  let number = 0;
  const place = { item_id: frame.itemId, output_index: 0, content_index: 0 };
  const send = (type: string, fields: object) => events.send({ type, sequence_number: number++, ...fields }, type);

  // Not with the run: while nothing was said, an error still has a status of its own.
  const open = (body: ResponseBody) => {
    if (begun) return;
    begun = true;
    send("response.created", { response: body });
    send("response.in_progress", { response: body });
    send("response.output_item.added", { output_index: 0, item: toItem(frame, "", "in_progress") });
    send("response.content_part.added", { ...place, part: toPart("") });
  };

  const tell = (delta: string) => {
    written += delta;
    send("response.output_text.delta", { ...place, delta, logprobs: [] });
  };

  return {
    begin(id) {
      runId = id;
    },
    text(text) {
      open(toOpenBody(frame, runId ?? ""));
      tell(text);
    },
    toBody: (turn) => toResponseBody(frame, turn, written === "" ? turn.reply : written),
    complete(body) {
      const item = { ...body.output[0]!, id: frame.itemId };
      const text = item.content[0]!.text;
      open({ ...body, status: "in_progress", output: [], usage: null });
      // An answer that was kept is told in one piece.
      if (written === "" && text !== "") tell(text);
      send("response.output_text.done", { ...place, text, logprobs: [] });
      send("response.content_part.done", { ...place, part: toPart(text) });
      send("response.output_item.done", { output_index: 0, item });
      const type = body.status === "incomplete" ? "response.incomplete" : "response.completed";
      send(type, { response: { ...body, output: [item] } });
      events.end();
    },
    fail(error) {
      const open = toOpenBody(frame, runId ?? "");
      send("response.failed", { response: { ...open, status: "failed", error } });
      events.end();
    },
  };
}
