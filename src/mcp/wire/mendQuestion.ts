import { type Fields, fieldsOf } from "./answerFields.ts";

/** Where the form that a server asks for stands, as it gave it: the SDK refuses what is no form by the letter. */
const AS_GIVEN = "asGiven";

/** A question of a server, as the SDK takes it whatever form it wants filled in; any other request as it is. */
export function mendQuestion<T>(request: T): T {
  const { method, params: given } = (fieldsOf(request) ?? {}) as { method?: unknown; params?: unknown };
  const params = fieldsOf(given);
  if (method !== "elicitation/create" || !params || params["mode"] === "url") return request;
  const { requestedSchema, message, _meta, mode: _mode } = params;
  return {
    ...request,
    params: {
      ...(fieldsOf(_meta) ? { _meta } : {}),
      message: typeof message === "string" ? message : "",
      requestedSchema: { type: "object", properties: {}, [AS_GIVEN]: requestedSchema ?? {} },
    },
  };
}

/** An answer that wants to be told things first, its questions mended. */
export function mendInputRequests(result: Fields): Fields {
  const inputRequests = fieldsOf(result["inputRequests"]);
  if (!inputRequests) return result;
  const mended = Object.entries(inputRequests).map(([key, one]) => [key, mendQuestion(one)]);
  return { ...result, inputRequests: Object.fromEntries(mended) };
}

/** The form of a mended question. */
export function formAsGiven(requestedSchema: Fields): unknown {
  return requestedSchema[AS_GIVEN] ?? requestedSchema;
}
