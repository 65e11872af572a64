import { pathsOf } from "../http/apiEndpoints.ts";
import { eventShapes, streamShapes } from "./eventShapes.ts";
import { type JsonSchema, toComponents, toJsonSchema } from "./jsonSchema.ts";
import type { AnyRoute } from "../calls/route.ts";
import { MEANING_OF, STATUS_OF } from "../calls/errorStatus.ts";
import type { ErrorCode } from "../../protocol/error.ts";

/** docs/api.md: the route table in words. */
export function toReference(routes: AnyRoute[]): string {
  const components = toComponents();
  const groups = Object.groupBy(routes, (route) => route.name.split(".")[0]!.replace(/^session$/, "sessions"));
  return [
    INTRODUCTION,
    "## Errors\n",
    errorTable(),
    ...Object.entries(groups).flatMap(([group, members]) => [`## ${group}\n`, ...members!.map(describeRoute)]),
    DOORS,
    EVENTS,
    ...Object.entries(eventShapes).map(([name, shape]) => describeEvent(shape, components[name]!)),
    "## Shapes\n",
    ...Object.entries(components)
      .filter(([name]) => !(name in eventShapes) && !(name in streamShapes))
      .map(([name, schema]) => `### ${name}\n\n${fieldsOf(schema)}\n`),
  ].join("\n");
}

const INTRODUCTION = `# The gateway's API

This page is written from the route table by \`node src/gateway/docs/writeReference.ts\`; \`GET /openapi.json\` says the same
as OpenAPI 3.1. Every route is also a method of the WebSocket at \`/ws\`, under its name.

- Send \`Authorization: Bearer TOKEN\` with everything but \`GET /health\`. The address and the token are in
  \`$PINCER_HOME/gateway.json\`. A token may *read*, *write* (and read) or *admin* (everything).
- A POST takes a JSON object. A GET takes query parameters, lists as \`a=1&a=2\` or \`a=1,2\`, or the same in a JSON body.
  A field that is not in the tables is an error.
- Times are ISO 8601 in UTC, durations name their unit, money is in US dollars.
- \`Idempotency-Key\` (or the field \`idempotencyKey\`) on a POST: its first answer is replayed for 24 hours. Answers of
  500 and above, and 429, are not kept. What a call stores and its answer are stored together: a gateway that was killed in
  between answers the same after its restart. Where a reply is waited for, the key then stands for that of the run that was
  begun, which is waited for; so it does, but at \`/v1\`, for a client whose connection ended while it waited.
- Limits: a body of 1 MB, nested 32 deep; 16 KB of headers, within 10 s; the whole request within 30 s. After 10 wrong
  tokens in 60 s an address is answered 429. \`gateway.requestsPerMinute\` and \`gateway.tokens.NAME.requestsPerMinute\` limit what
  a token may ask; \`Retry-After\` says when it may ask again.
- Over \`/ws\`: \`{type: "req", id, method, params}\` is answered by \`{type: "res", id, ok, payload | error}\`;
  subscribed events come as \`{type: "event", event, payload, seq}\`, where \`seq\` counts the events of the connection.
- Stored events have \`id\`, which counts over the whole gateway, and \`seq\`, which counts in their session, both without a gap
  but for what was deleted. A delta is not stored: it has the \`id\` and \`seq\` of the newest stored event before it, and
  \`part\`, which counts deltas. The order is that of \`id\`, then \`part\`; what is told outside of runs repeats the newest place.
- Server-sent events carry \`id\` (resume with \`Last-Event-ID\`), \`event\` (the type) and \`data\` (the event in JSON).
  After an id that is beyond the newest, a \`gateway.changed\` says so and the stream goes on from the newest.
  The \`id\` of a stored event is its own, as in \`41\`; that of a delta is \`id.part\`, as in \`41.7\`. Who resumes after \`41\` gets the
  deltas after it again whose message is not stored yet, who resumes after \`41.7\` only those after that one.
  A client that does not read loses deltas first, and is then cut off so that it resumes.
`;

const DOORS = `## Other doors

The same gateway for clients that speak another protocol. The token, the scopes and the limits are the same; errors come
in the protocol's own shape.

- \`POST /v1/chat/completions\`, \`POST /v1/responses\`, \`GET /v1/models\` and \`/v1/models/ID\`: OpenAI's APIs, streamed or not. \`model\` is
  \`pincer\` (a fresh session for each request, told the messages before the last; with \`user\`, a session that stays) or
  \`pincer/SESSION\`. An answer's id as \`previous_response_id\` goes on in its session. A client that goes away cancels its run. \`GET\` and
  \`DELETE /v1/responses/ID\` read an answer again and take it away; \`GET /v1/responses/ID/input_items\` is what it was given.
  - Beside the agent's own tools a client may bring its own (\`tools\`, \`tool_choice\`, \`parallel_tool_calls\`): their calls go back to it, and
    their results, all at once, go on in the same session. Which fields and items are taken, and how, is in docs/openai.md.
  - \`response_format\` and \`text.format\` hold the answer to a JSON Schema: it is checked, asked for once more, and told whole.
  - What an agent cannot do is refused by name; what only colours the words has no effect and is named in the header
    \`X-Pincer-Ignored\`, as is what is not known. A conversation ends with the user's message or with results of calls.
  - System messages and \`instructions\` reach a session that has a history too, when they are new to it; images of earlier
    turns go along into a fresh session.
  - Sessions made here are removed when nobody used them for \`retention.openaiDays\` (30; 0: when they have answered).
    \`store: false\` removes a session with its answer.
- \`POST /tools/invoke\` \`{tool, args, action?, sessionKey?}\`: one tool by hand, as with OpenClaw: \`sessions_send\`,
  \`sessions_spawn\`, \`sessions_list\`, \`sessions_history\`, \`session_status\`, \`cron\`, and the agent's own tools, which ask the
  user before they change anything. \`{ok: true, result: {content, details}}\` or \`{ok: false, error: {type, message}}\`.
- \`POST /mcp\`: an MCP server over streamable HTTP without sessions, with the same tools, by what the token may do.
  A call that takes long tells its progress every 15 s to who sent a \`progressToken\`; one that its client stops is stopped, with
  the run it waits for.
- \`POST /channels/telegram\`: what Telegram posts where \`channels.telegram.webhook\` is set, by a secret of its own (docs/channels.md).
- \`POST /hooks/NAME\`: what others send to the webhooks of openclaw.yml (docs/webhooks.md), \`agent\` and \`wake\` with OpenClaw's
  bodies. No token of the gateway opens one: each has its own, as \`Authorization: Bearer\` or \`X-OpenClaw-Token\`, or is signed by
  HMAC. Answered at once with 202 \`{ok: true, status: "accepted" | "skipped" | "failed", runId, sessionKey, jobId?, slot?,
  reason?, mode?}\`; a delivery that comes again is answered the same and does nothing more.
`;

const EVENTS = `## Events

What \`GET /api/events\`, \`events.subscribe\` over \`/ws\` and the streams of single runs tell; nothing else is told. Each has a
\`type\`, \`id\` and \`at\`; those of a run also \`seq\`, \`runId\` and \`sessionKey\`. An event outside of any run is not stored: its
\`id\` repeats that of the newest, and whoever resumes reads the lists anew.
`;

/** The fields of one type of event, but its type. */
function describeEvent(shape: (typeof eventShapes)[string], schema: JsonSchema): string {
  const { type, ...properties } = schema.properties as Record<string, JsonSchema>;
  return `### ${String(type!.const)}\n\n${shape.description}\n\n${fieldTable({ ...schema, properties })}`;
}

function errorTable(): string {
  const rows = Object.entries(STATUS_OF).map(
    ([code, status]) => `| ${status} | ${code} | ${MEANING_OF[code as ErrorCode]} |`,
  );
  return [
    'An error is `{"error": {code, message, details?: [{path, message}], retryAfterMs?, requestId?}}`.\n',
    "| status | code | when |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function describeRoute(route: AnyRoute): string {
  const where =
    route.http === "none"
      ? `### ${route.name} (only over /ws)`
      : `### ${pathsOf(route)
          .map((path) => `${route.verb} ${path}`)
          .join(", also ")}`;
  const notes = [
    `Method \`${route.name}\`, scope ${route.scope}.${route.phone ? ` Of a paired phone: ${route.phone}.` : ""}`,
    ...(route.stream && route.http !== "stream"
      ? ["With `Accept: text/event-stream` it tells the run's events instead; the last is `run.finished`."]
      : []),
  ];
  const answer = route.http === "stream" ? "Answer over /ws" : "Answer";
  return [
    `${where}\n`,
    `${route.summary} ${notes.join(" ")}\n`,
    fieldTable(toJsonSchema(route.input, "input")),
    `${answer}: ${shapeOf(toJsonSchema(route.output, "output"))}\n`,
  ].join("\n");
}

function fieldTable(schema: JsonSchema): string {
  const fields = Object.entries(schema.properties ?? {}) as [string, JsonSchema][];
  if (fields.length === 0) return "It takes no fields.\n";
  const rows = fields.map(([name, field]) => {
    const preset =
      field.default === undefined ? (schema.required?.includes(name) ? "required" : "") : JSON.stringify(field.default);
    return `| ${name} | ${cell(shapeOf(field))} | ${cell(preset)} | ${cell(`${rangeOf(field)}${field.description ?? ""}`)} |`;
  });
  return ["| field | type | default | |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}

function fieldsOf(schema: JsonSchema): string {
  return schema.properties ? fieldTable(schema) : `${shapeOf(schema)}\n`;
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined || maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER) return "";
  return `${minimum} to ${maximum}. `;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** A schema as one line: `{count, sessions: [Session], nextCursor?}`. */
function shapeOf(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.split("/").at(-1)!;
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map(shapeOf).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.properties) {
    const fields = Object.entries(schema.properties) as [string, JsonSchema][];
    return `{${fields.map(([name, field]) => `${name}${schema.required?.includes(name) ? "" : "?"}: ${shapeOf(field)}`).join(", ")}}`;
  }
  if (schema.type === "array") return `[${shapeOf((schema.items ?? {}) as JsonSchema)}]`;
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  return schema.type ?? "anything";
}
