import { AppError } from "../../../base/appError.ts";
import type { RunRecord } from "../../../protocol/run.ts";
import { toCallId } from "./conversation/callIdentity.ts";

interface InputItem {
  id: string;
  type: "message" | "function_call_output";
  [field: string]: unknown;
}

/** A page of what an answer was given, as it was put into its session. `query` is the one of the request. */
export function inputItems(run: RunRecord, query: string, before: RunRecord | undefined): object {
  const asked = new URLSearchParams(query);
  const limit = Number(asked.get("limit") ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new AppError("bad_request", "`limit` is a number from 1 to 100", {
      details: [{ path: "limit", message: "Expected 1 to 100" }],
    });
  const all = toItems(run, before);
  const ordered = asked.get("order") === "asc" ? all : all.toReversed();
  const from = ordered.findIndex(({ id }) => id === asked.get("after")) + 1;
  const data = ordered.slice(from, from + limit);
  const has_more = from + limit < ordered.length;
  return { object: "list", data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more };
}

function toItems({ id, input, answers = [] }: RunRecord, before: RunRecord | undefined): InputItem[] {
  const calls = before?.outcome?.type === "done" ? (before.outcome.calls ?? []) : [];
  const outputs = answers.map(({ callId, text }, at): InputItem => {
    const index = calls.findIndex((call) => call.id === callId);
    const call_id = before && index >= 0 ? toCallId(before.id, index) : callId;
    return { id: `fco_${id}_${at}`, type: "function_call_output", call_id, output: text, status: "completed" };
  });
  if (input.text === "" && outputs.length > 0) return outputs;
  const attachments = input.role === "user" ? (input.attachments ?? []) : [];
  const content = [
    { type: "input_text", text: input.text },
    ...attachments.map(({ name, mediaType, data }) =>
      mediaType.startsWith("image/")
        ? { type: "input_image", detail: "auto", image_url: `data:${mediaType};base64,${data}` }
        : { type: "input_file", filename: name },
    ),
  ];
  return [...outputs, { id: `msg_in_${id}`, type: "message", role: "user", status: "completed", content }];
}
