import { inPieces } from "./conversation/callIdentity.ts";
import type { TellEvent } from "./openaiEvents.ts";
import {
  type CallItem,
  type MessageItem,
  type ResponseBody,
  type ResponseFrame,
  toItem,
  toOpenBody,
  toPart,
  toResponseBody,
} from "./responseBody.ts";
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
  let runId = "";
  let written = "";
  let number = 0;
  let isOpen = false;
  let isSaid = false;
  const send = (tell: TellEvent, type: string, fields: object) =>
    tell({ type, sequence_number: number++, ...fields }, type);
  const place = () => ({ item_id: toItem(runId, "", "in_progress").id, output_index: 0, content_index: 0 });

  // Not with the run: while nothing was said, an error still has a status of its own.
  const open = async (tell: TellEvent, body: ResponseBody) => {
    if (isOpen) return;
    isOpen = true;
    await send(tell, "response.created", { response: body });
    await send(tell, "response.in_progress", { response: body });
  };

  const write = async (tell: TellEvent, delta: string) => {
    if (!isSaid) {
      isSaid = true;
      await send(tell, "response.output_item.added", { output_index: 0, item: toItem(runId, "", "in_progress") });
      await send(tell, "response.content_part.added", { ...place(), part: toPart("") });
    }
    if (delta === "") return;
    written += delta;
    await send(tell, "response.output_text.delta", { ...place(), delta, logprobs: [] });
  };

  const endMessage = async (tell: TellEvent, item: MessageItem) => {
    const text = item.content[0]!.text;
    // One that was recorded, or is a value, is told in one piece.
    await write(tell, written === "" ? text : "");
    await send(tell, "response.output_text.done", { ...place(), text, logprobs: [] });
    await send(tell, "response.content_part.done", { ...place(), part: toPart(text) });
    await send(tell, "response.output_item.done", { output_index: 0, item });
  };

  const tellCall = async (tell: TellEvent, item: CallItem, output_index: number) => {
    const where = { item_id: item.id, output_index };
    const begun = { ...item, arguments: "", status: "in_progress" };
    await send(tell, "response.output_item.added", { output_index, item: begun });
    for (const delta of inPieces(item.arguments))
      await send(tell, "response.function_call_arguments.delta", { ...where, delta });
    const { name, arguments: whole } = item;
    await send(tell, "response.function_call_arguments.done", { ...where, name, arguments: whole });
    await send(tell, "response.output_item.done", { output_index, item });
  };

  return {
    begin(id) {
      runId = id;
    },
    async text(text, tell) {
      await open(tell, toOpenBody(frame, runId));
      await write(tell, text);
    },
    toBody: (turn) => toResponseBody(frame, turn, written === "" ? turn.reply : written),
    async complete(body, tell) {
      runId ||= body.id.replace(/^resp_/, "");
      await open(tell, { ...body, status: "in_progress", output: [], output_text: "", usage: null });
      for (const [index, item] of body.output.entries()) {
        if (item.type === "message") await endMessage(tell, item);
        else await tellCall(tell, item, index);
      }
      const type = body.status === "incomplete" ? "response.incomplete" : "response.completed";
      await send(tell, type, { response: body });
    },
    async fail(error, tell) {
      const body = toOpenBody(frame, runId);
      await open(tell, body);
      await send(tell, "response.failed", { response: { ...body, status: "failed", error } });
    },
  };
}
