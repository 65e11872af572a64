import type { Endpoint } from "../http/endpoint.ts";
import type { CompatContext } from "./compatContext.ts";
import { createMcpEndpoint } from "./mcp/mcpEndpoint.ts";
import { createChatCompletions } from "./openai/chatCompletions.ts";
import { createGetModel } from "./openai/getModel.ts";
import { createListModels } from "./openai/listModels.ts";
import { createResponses } from "./openai/responses.ts";
import { createStoredResponse } from "./openai/storedResponse.ts";
import { createToolsInvoke } from "./openclaw/toolsInvoke.ts";

/** The doors for clients that speak another protocol than the gateway's own. */
export function createCompatEndpoints(context: CompatContext): Endpoint[] {
  return [
    createChatCompletions(context),
    createResponses(context),
    ...createStoredResponse(context),
    createListModels(context),
    createGetModel(context),
    createToolsInvoke(context),
    createMcpEndpoint(context),
  ];
}
