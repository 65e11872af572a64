import type { Endpoint } from "../http/endpoint.ts";
import type { DoorContext } from "./compatContext.ts";
import { createMcpDoor } from "./mcp/mcpEndpoint.ts";
import { createChatDoor } from "./openai/chatCompletions.ts";
import { createModelsDoor } from "./openai/listModels.ts";
import { createResponsesDoor } from "./openai/responses.ts";
import { createToolsDoor } from "./openclaw/toolsInvoke.ts";

/** The doors for clients that speak another protocol than the gateway's own. */
export function createDoors(context: DoorContext): Endpoint[] {
  return [
    createChatDoor(context),
    createResponsesDoor(context),
    createModelsDoor(context),
    createToolsDoor(context),
    createMcpDoor(context),
  ];
}
