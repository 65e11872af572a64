import * as z from "zod";
import { chatRequestShape } from "../compat/openai/chatCompletions.ts";
import { responsesRequestShape } from "../compat/openai/responsesRequest.ts";
import { agentBodyShape, wakeBodyShape } from "../hooks/openclawBody.ts";
import { deliveryAnswerShape } from "../../protocol/hooks/hook.ts";
import { toJsonSchema } from "./jsonSchema.ts";

const toolCall = z.strictObject({
  tool: z
    .string()
    .describe(
      "sessions_send, sessions_spawn, sessions_list, sessions_history, session_status, cron, or a tool of the agent.",
    ),
  args: z.looseObject({}).optional(),
  action: z.string().optional().describe("The same as `args.action`."),
  sessionKey: z.string().optional().describe('Whose tools they are; "main" by default.'),
});

const rpc = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.int()]).optional().describe("Absent: a notification."),
  method: z.string(),
  params: z.looseObject({}).optional(),
});

const NAME = [{ name: "id", in: "path", required: true, schema: { type: "string" } }];

/** The doors for clients of other protocols, as paths of the OpenAPI document. Their own documents say the rest. */
export function doorPaths(): Record<string, Record<string, unknown>> {
  const openai = (operationId: string, summary: string, more: object) =>
    toOperation(operationId, summary, {
      externalDocs: { url: "https://platform.openai.com/docs/api-reference" },
      ...more,
    });
  const responseById = { parameters: NAME };
  return {
    "/v1/chat/completions": {
      post: openai("openai.chat", "The agent as a model; streams when `stream` is true.", toBody(chatRequestShape)),
    },
    "/v1/responses": {
      post: openai(
        "openai.responses",
        "The same in the newer shape; an answer's id continues its session.",
        toBody(responsesRequestShape),
      ),
    },
    "/v1/responses/{id}": {
      get: openai("openai.response", "An answer as it was given, or how far it is.", responseById),
      delete: openai("openai.response.delete", "Takes an answer away, with its session.", responseById),
    },
    "/v1/models": { get: openai("openai.models", "The agent and its newest sessions, as models.", {}) },
    "/v1/models/{id}": { get: openai("openai.model", "One of them.", { parameters: NAME }) },
    "/tools/invoke": {
      post: toOperation("tools.invoke", "One tool by hand, in OpenClaw's shapes.", toBody(toolCall)),
    },
    "/hooks/agent": {
      post: toHook("hooks.agent", "A turn of the agent, in OpenClaw's shape.", toBody(agentBodyShape)),
    },
    "/hooks/wake": {
      post: toHook("hooks.wake", "A system event for the main session, in OpenClaw's shape.", toBody(wakeBodyShape)),
    },
    "/hooks/{name}": {
      post: toHook("hooks.deliver", "A delivery to a webhook of openclaw.yml, in whatever shape its sender has.", {
        ...toBody(z.unknown()),
        parameters: [{ ...NAME[0], name: "name" }],
      }),
    },
    "/channels/{name}": {
      post: {
        ...toOperation("channels.post", "What a chat network posts, by its own secret alone (docs/channels.md).", {
          ...toBody(z.looseObject({})),
          parameters: [{ ...NAME[0], name: "name" }],
        }),
        security: [{ channel: [] }],
      },
    },
    "/mcp": {
      post: toOperation("mcp", "An MCP server over streamable HTTP, without sessions.", {
        externalDocs: { url: "https://modelcontextprotocol.io/specification" },
        ...toBody(rpc),
      }),
    },
  };
}

function toBody(shape: z.ZodType): object {
  return { requestBody: { required: true, content: { "application/json": { schema: toJsonSchema(shape, "input") } } } };
}

/** Open to none of the gateway's tokens: each webhook has a token or a signature of its own. */
function toHook(operationId: string, summary: string, more: object): object {
  const answer = { "application/json": { schema: toJsonSchema(deliveryAnswerShape, "output") } };
  const { responses, ...rest } = toOperation(operationId, summary, more) as { responses: Record<string, unknown> };
  return {
    ...rest,
    security: [{ webhook: [] }],
    responses: { 202: { description: "Taken: it goes on.", content: answer }, default: responses["default"] },
  };
}

function toOperation(operationId: string, summary: string, more: object): object {
  const content = { "application/json": { schema: { type: "object" } } };
  return {
    operationId,
    summary,
    tags: ["doors"],
    ...more,
    responses: {
      200: { description: "In the protocol's own shape; some stream `text/event-stream`.", content },
      default: { description: "An error, in the protocol's own shape.", content },
    },
  };
}
